package io.headrace.bench;

import java.util.List;
import java.util.Locale;

/** Who serves: Headrace, or one of those that it is compared with. */
enum Contender {
    HEADRACE(true, HeadraceServing::start),
    NETTY(true, BaselineServing.on(NettyBaseline::new)),
    REACTOR(false, BaselineServing.on(ReactorBaseline::new)),
    VERTX(false, BaselineServing.on(VertxBaseline::new)),
    MINA(false, BaselineServing.on(MinaBaseline::new)),
    JDK(false, BaselineServing.on(JdkBaseline::new));

    private final boolean tls;
    private final Serving.Starter starter;

    Contender(boolean tls, Serving.Starter starter) {
        this.tls = tls;
        this.starter = starter;
    }

    /** Whether it serves {@code tls://} targets here. */
    boolean servesTls() {
        return tls;
    }

    /** Starts serving, all targets or none. The caller closes it. */
    Serving start(Serving.Choices choices, List<Target> targets) {
        return starter.start(choices, targets);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}

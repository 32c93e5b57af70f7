package io.headrace.bench;

import java.util.List;
import java.util.Locale;

/** Who serves: Headrace, or one of those that it is compared with. */
enum Contender {
    HEADRACE(HeadraceServing::start),
    NETTY(NettyServing::start);

    private final Serving.Starter starter;

    Contender(Serving.Starter starter) {
        this.starter = starter;
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

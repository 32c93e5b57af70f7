package io.headrace.bench;

import io.headrace.CannotStartException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Targets on a {@link Baseline}, all or none. */
final class BaselineServing implements Serving {
    private final Baseline server;
    private final List<Target> targets;
    private final CountDownLatch closed = new CountDownLatch(1);

    private BaselineServing(Baseline server, List<Target> targets) {
        this.server = server;
        this.targets = targets;
    }

    /** How to start targets on one. */
    static Serving.Starter on(Baseline.Starter baseline) {
        return (choices, targets) -> start(baseline, choices, targets);
    }

    private static Serving start(Baseline.Starter baseline, Choices choices, List<Target> targets) {
        Baseline server;
        try {
            server = baseline.start(choices);
        } catch (UnsupportedOperationException hasNot) {
            throw new CannotStartException("cannot start: " + hasNot.getMessage(), hasNot);
        }
        List<Target> bound = new ArrayList<>();
        for (Target target : targets) {
            try {
                SocketAddress address = resolved(target.address());
                bound.add(target.boundTo(server.listen(target.service(), address, target.scheme())));
                requireTransport(choices, server);
            } catch (Exception cause) {
                server.close();
                throw new CannotStartException("cannot start " + target + ": " + words(cause), cause);
            }
        }
        return new BaselineServing(server, List.copyOf(bound));
    }

    /** Nobody shall measure one transport and believe that it was another. */
    private static void requireTransport(Choices choices, Baseline server) {
        if (choices.backend() != null && !choices.backend().toString().equals(server.transport())) {
            throw new UnsupportedOperationException(
                    server.version() + " serves on " + server.transport() + ", not on " + choices.backend());
        }
    }

    private static SocketAddress resolved(SocketAddress address) throws UnknownHostException {
        if (address instanceof UnixDomainSocketAddress) {
            return address;
        }
        InetSocketAddress wanted = (InetSocketAddress) address;
        InetSocketAddress resolved = new InetSocketAddress(wanted.getHostString(), wanted.getPort());
        if (resolved.isUnresolved()) {
            throw new UnknownHostException("unknown host");
        }
        return resolved;
    }

    /** The operating system's words: of the innermost cause, without the name of the call that Netty's natives put before them. */
    private static String words(Throwable cause) {
        Throwable innermost = cause;
        while (innermost.getCause() != null) {
            innermost = innermost.getCause();
        }
        String message = innermost.getMessage();
        return message == null
                ? innermost.getClass().getSimpleName()
                : message.lines()
                        .findFirst()
                        .orElse("")
                        .replaceFirst("^\\w+\\(\\.\\.\\) failed with error\\(-?\\d+\\): ", "");
    }

    @Override
    public List<Target> targets() {
        return targets;
    }

    @Override
    public String version() {
        return server.version();
    }

    @Override
    public String transport() {
        return server.transport();
    }

    @Override
    public void untilShutdown() throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "baseline-shutdown"));
        closed.await();
    }

    @Override
    public void close() {
        server.close();
        closed.countDown();
    }
}

package io.headrace;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One endpoint of a running server: what is open for it, and the report once it has stopped. */
final class RunningEndpoint {
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);

    private final String name;
    private final OpenEndpoint open;
    private final Transport.Listener listener;
    private final CompletableFuture<DrainReport> stopped = new CompletableFuture<>();

    private RunningEndpoint(String name, OpenEndpoint open, Transport.Listener listener) {
        this.name = name;
        this.open = open;
        this.listener = listener;
    }

    /** Opens its stages and binds it; on failure nothing is left open. */
    static RunningEndpoint start(Endpoint endpoint) {
        OpenEndpoint open = null;
        try {
            open = endpoint.open();
            return new RunningEndpoint(endpoint.name(), open, endpoint.listen(open));
        } catch (Throwable cause) {
            if (open != null) {
                open.close();
            }
            if (cause instanceof Error error) {
                throw error;
            }
            throw new CannotStartException("cannot start " + endpoint.describe() + ": " + Text.words(cause), cause);
        }
    }

    void announce() {
        List<SocketAddress> addresses = listener.addresses();
        boolean loopbackOnly = addresses.stream()
                .allMatch(address -> address instanceof InetSocketAddress inet
                        && inet.getAddress().isLoopbackAddress());
        LOG.info(
                "{} endpoint '{}' listens on {} ({}){}",
                open.transport(),
                name,
                addresses.stream().map(Text::of).collect(Collectors.joining(", ")),
                open.backend(),
                loopbackOnly ? ", for this machine only: to serve others, listen(\"0.0.0.0\", port)" : "");
    }

    String name() {
        return name;
    }

    Transport.Listener listener() {
        return listener;
    }

    /** Completed once it has stopped. */
    CompletableFuture<DrainReport> stopped() {
        return stopped;
    }

    /** It is being stopped since then. */
    void draining(long sinceNs) {
        open.reading(Meter.DRAIN_DURATION, () -> (Clock.system().nanoTime() - sinceNs) / 1e9);
    }

    /** Whether this thread is one of its event loops. */
    boolean onOwnLoop() {
        return open.openLoops().stream().anyMatch(loop -> loop.eventLoop().inEventLoop());
    }

    /** A step of its stopping; what goes wrong there is logged and holds up nothing else. */
    <T> T attempt(T whenItFails, Callable<T> step) {
        try {
            return step.call();
        } catch (Throwable fault) {
            LOG.warn("stopping {} failed", open, fault);
            return whenItFails;
        }
    }

    void stopAccepting(long timeoutNs) {
        attempt(null, () -> {
            listener.stopAccepting(timeoutNs);
            return null;
        });
    }

    /** Closes its stages and lets go of its loops. */
    void close() {
        open.close();
    }

    @Override
    public String toString() {
        return open.toString();
    }
}

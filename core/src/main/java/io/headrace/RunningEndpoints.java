package io.headrace;

import java.net.SocketAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The endpoints of a running server, to be looked at. Any thread. */
record RunningEndpoints(List<RunningEndpoint> all) {
    static final RunningEndpoints NONE = new RunningEndpoints(List.of());

    /** How long the event loops may take to tell what is open on them. */
    private static final long LOOKING_NS = TimeUnit.SECONDS.toNanos(1);

    /** In the order in which they were given. */
    List<SocketAddress> addresses() {
        return all.stream()
                .flatMap(each -> each.listener().addresses().stream())
                .toList();
    }

    RunningEndpoint named(String name) {
        return all.stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("endpoint: " + name + " (expected: one of "
                        + all.stream().map(RunningEndpoint::name).toList() + ")"));
    }

    /** Oldest first. Waits for their event loops. */
    List<ConnectionInfo> connections() {
        requireOffLoop();
        return all.stream()
                .flatMap(each -> each.listener().connections(LOOKING_NS).stream())
                .sorted(Comparator.comparingLong(ConnectionInfo::id))
                .toList();
    }

    /** Waits for their event loops. */
    Optional<Connection<?>> connection(long id) {
        requireOffLoop();
        return all.stream()
                .flatMap(each -> each.listener().connection(id, LOOKING_NS).stream())
                .findFirst();
    }

    private void requireOffLoop() {
        if (onOwnLoop()) {
            throw new IllegalStateException("thread: an event loop (expected: one that may block)");
        }
    }

    /** Whether this thread is one of their event loops. */
    boolean onOwnLoop() {
        return all.stream().anyMatch(RunningEndpoint::onOwnLoop);
    }
}

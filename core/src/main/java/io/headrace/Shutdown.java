package io.headrace;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Stops servers when the process is asked to end (SIGTERM, Ctrl-C). */
public final class Shutdown {

    private Shutdown() {}

    /** Drains these servers when the JVM shuts down, together, each with the default grace. */
    public static void hook(Server... servers) {
        hook(Server.DEFAULT_GRACE, servers);
    }

    /** Drains these servers when the JVM shuts down, together, with this grace. */
    public static void hook(Duration grace, Server... servers) {
        hook(Drain.within(grace), servers);
    }

    /**
     * Drains these servers when the JVM shuts down, together, like this. The JVM ends with them, and a second or two after the grace in
     * any case; its exit status is the system's own (143 after SIGTERM).
     */
    public static void hook(Drain drain, Server... servers) {
        List<Server> all = List.of(servers);
        Runtime.getRuntime().addShutdownHook(Loops.thread("headrace-shutdown", () -> {
            CompletableFuture<?>[] stopping =
                    all.stream().map(server -> server.stop(drain)).toArray(CompletableFuture[]::new);
            // A loop that is blocked for good must not keep the process alive much longer than the grace.
            CompletableFuture.allOf(stopping)
                    .completeOnTimeout(
                            null, drain.delay().plus(drain.grace()).toMillis() + 2_000, TimeUnit.MILLISECONDS)
                    .join();
        }));
    }
}

package io.headrace;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One or several endpoints that run, all or none.
 *
 * <pre>
 *  NEW --start--> RUNNING --stop--> DRAINING --nothing open, or the grace is over--> STOPPED
 *   '--------------- stop, or an endpoint that cannot start ------------------------^
 * </pre>
 *
 * <p>Every method may be called from any thread, a handler's too, any number of times.
 */
public final class Server implements AutoCloseable {
    /** How long {@link #stop()} waits for what is open. */
    public static final Duration DEFAULT_GRACE = Duration.ofSeconds(25);

    private static final Duration LONGEST_GRACE = Duration.ofDays(36_500); // What nanoseconds can count.
    private static final Transport.Listener.Forced NOTHING_FORCED = new Transport.Listener.Forced(0, 0);
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);

    /** Where a server is in its life. */
    public enum State {
        NEW,
        RUNNING,
        DRAINING,
        STOPPED
    }

    private record Running(Endpoint endpoint, OpenEndpoint open, Transport.Listener listener) {}

    private final List<Endpoint> endpoints;
    private final CompletableFuture<DrainReport> stopped = new CompletableFuture<>();
    private final Object lock = new Object();
    // Guarded by lock.
    private State state = State.NEW;
    private boolean starting;
    private Duration stopWhileStarting;
    private List<Running> running = List.of();

    private Server(List<Endpoint> endpoints) {
        this.endpoints = endpoints;
    }

    /** A server that is not started yet. */
    public static Server of(Endpoint... endpoints) {
        return new Server(List.of(endpoints));
    }

    /**
     * Starts these endpoints, all or none: see {@link #start()}.
     *
     * @throws IllegalArgumentException naming every bad setting of every endpoint, before any socket opens
     * @throws CannotStartException when one cannot be bound; nothing is left open
     */
    public static Server start(Endpoint... endpoints) {
        return of(endpoints).start();
    }

    /** Starts it. Blocks until every endpoint listens; not on an event loop. Only once. */
    public Server start() {
        synchronized (lock) {
            if (state != State.NEW || starting) {
                throw new IllegalStateException("server: " + (starting ? "starting" : state) + " (expected: NEW)");
            }
            starting = true;
        }
        List<Running> opened = new ArrayList<>();
        try {
            requireGoodSettings();
            for (Endpoint endpoint : endpoints) {
                opened.add(open(endpoint));
            }
            // Now, because handlers may ask for addresses as soon as peers are let in.
            synchronized (lock) {
                running = List.copyOf(opened);
            }
            opened.forEach(started -> started.listener.accept());
            opened.forEach(Server::announce);
        } catch (Throwable failure) {
            abort(opened);
            throw failure;
        }
        Duration stopNow;
        synchronized (lock) {
            state = State.RUNNING;
            starting = false;
            stopNow = stopWhileStarting;
        }
        if (stopNow != null) {
            stop(stopNow);
        }
        return this;
    }

    private static void announce(Running started) {
        List<SocketAddress> addresses = started.listener.addresses();
        boolean loopbackOnly = addresses.stream()
                .allMatch(address -> address instanceof InetSocketAddress inet
                        && inet.getAddress().isLoopbackAddress());
        LOG.info(
                "{} endpoint '{}' listens on {} ({}){}",
                started.open.transport(),
                started.open.endpoint(),
                addresses.stream().map(Text::of).collect(Collectors.joining(", ")),
                started.open.backend(),
                loopbackOnly ? ", for this machine only: to serve others, listen(\"0.0.0.0\", port)" : "");
    }

    private void requireGoodSettings() {
        List<String> problems = new ArrayList<>();
        Set<String> names = new HashSet<>();
        if (endpoints.isEmpty()) {
            problems.add("endpoints: none (expected: at least one)");
        }
        for (Endpoint endpoint : endpoints) {
            Problems own = endpoint.problems();
            own.expect(names.add(endpoint.name()), "name", endpoint.name(), "unique in the server");
            if (!own.none()) {
                problems.add(own.toString());
            }
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
    }

    private static Running open(Endpoint endpoint) {
        OpenEndpoint open = null;
        try {
            open = endpoint.open();
            return new Running(endpoint, open, endpoint.listen(open));
        } catch (Throwable cause) {
            if (open != null) {
                open.close();
            }
            if (cause instanceof Error error) {
                throw error;
            }
            throw new CannotStartException("cannot start " + endpoint.describe() + ": " + words(cause), cause);
        }
    }

    /** The operating system's words, without the name of the call that Netty's natives put before them. */
    private static String words(Throwable cause) {
        String message = cause.getMessage();
        if (message == null) {
            return cause.getClass().getSimpleName();
        }
        String words = message.replaceFirst("^\\w+\\(\\.\\.\\) failed with error\\(-?\\d+\\): ", "");
        Throwable deeper = cause.getCause();
        return deeper == null || deeper.getMessage() == null || words.contains(deeper.getMessage())
                ? words
                : words + ": " + words(deeper);
    }

    private void abort(List<Running> opened) {
        for (int i = opened.size() - 1; i >= 0; i--) {
            Running each = opened.get(i);
            attempt(each, null, () -> stopAccepting(each, DEFAULT_GRACE.toNanos()));
            attempt(each, NOTHING_FORCED, each.listener::force);
            each.open.close();
        }
        synchronized (lock) {
            running = List.of();
            starting = false;
            state = State.STOPPED;
        }
        stopped.complete(new DrainReport(0, 0, 0, Duration.ZERO));
    }

    /** Stops with the default grace of 25 s. */
    public CompletableFuture<DrainReport> stop() {
        return stop(DEFAULT_GRACE);
    }

    /**
     * Stops: lets nobody in any more, lets open exchanges end, tells sessions, closes each connection gracefully, and cuts off what is
     * left when the grace is over. Never blocks. The first call decides the grace.
     *
     * @return completed when everything is closed, with the same report for every call; what is done to it reaches nobody else
     */
    public CompletableFuture<DrainReport> stop(Duration grace) {
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace: " + grace + " (expected: >= 0)");
        }
        synchronized (lock) {
            if (starting) {
                stopWhileStarting = stopWhileStarting == null ? grace : stopWhileStarting;
            } else if (state == State.NEW) {
                state = State.STOPPED;
                stopped.complete(new DrainReport(0, 0, 0, Duration.ZERO));
            } else if (state == State.RUNNING) {
                state = State.DRAINING;
                Loops.thread("headrace-stop", () -> drain(running, grace)).start();
            }
        }
        return stopped.copy();
    }

    /** Whatever goes wrong with one endpoint, every other one is still drained, forced and closed. */
    private void drain(List<Running> running, Duration grace) {
        long startNs = Clock.system().nanoTime();
        long deadlineNs = startNs + (grace.compareTo(LONGEST_GRACE) < 0 ? grace : LONGEST_GRACE).toNanos();
        List<String> names = endpoints.stream().map(Endpoint::name).toList();
        LOG.info("draining {}, for at most {}", names, Text.of(grace));
        int open = 0;
        int forced = 0;
        long droppedBytes = 0;
        for (Running each : running) {
            attempt(each, null, () -> stopAccepting(each, remainingNs(deadlineNs)));
        }
        for (Running each : running) {
            open += attempt(each, 0, each.listener::drain);
        }
        for (Running each : running) {
            attempt(each, false, () -> each.listener.awaitEmpty(remainingNs(deadlineNs)));
        }
        for (Running each : running) {
            Transport.Listener.Forced cut = attempt(each, NOTHING_FORCED, each.listener::force);
            forced += cut.connections();
            droppedBytes += cut.droppedBytes();
        }
        for (int i = running.size() - 1; i >= 0; i--) {
            running.get(i).open.close();
        }
        Duration took = Duration.ofNanos(Clock.system().nanoTime() - startNs);
        DrainReport report = new DrainReport(Math.max(0, open - forced), forced, droppedBytes, took);
        LOG.info("stopped {}: {}", names, report);
        synchronized (lock) {
            state = State.STOPPED;
        }
        stopped.complete(report);
    }

    private static Void stopAccepting(Running each, long timeoutNs) {
        each.listener.stopAccepting(timeoutNs);
        return null;
    }

    private static <T> T attempt(Running each, T whenItFails, Callable<T> step) {
        try {
            return step.call();
        } catch (Exception fault) {
            LOG.warn("stopping {} failed", each.open, fault);
            return whenItFails;
        }
    }

    private static long remainingNs(long deadlineNs) {
        return Math.max(0, deadlineNs - Clock.system().nanoTime());
    }

    /** Completes when the server has stopped, for whatever reason. */
    public CompletableFuture<DrainReport> stopped() {
        return stopped.copy();
    }

    public State state() {
        synchronized (lock) {
            return state;
        }
    }

    /** The first address of the first endpoint. */
    public SocketAddress address() {
        return addresses().get(0);
    }

    /** The port of {@link #address()}; for endpoints that were given port 0. */
    public int port() {
        return ((InetSocketAddress) address()).getPort();
    }

    /** Every address of every endpoint, in the order in which they were given. */
    public List<SocketAddress> addresses() {
        return runningNow().stream()
                .flatMap(each -> each.listener.addresses().stream())
                .toList();
    }

    /** The addresses of the endpoint of this name. */
    public List<SocketAddress> addresses(String endpoint) {
        return runningNow().stream()
                .filter(each -> each.endpoint.name().equals(endpoint))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("endpoint: " + endpoint + " (expected: one of "
                        + endpoints.stream().map(Endpoint::name).toList() + ")"))
                .listener
                .addresses();
    }

    private List<Running> runningNow() {
        synchronized (lock) {
            if (running.isEmpty()) {
                throw new IllegalStateException("server: " + state + " (expected: started)");
            }
            return running;
        }
    }

    /** Stops and waits until it has stopped; called on one of the server's own event loops it does not wait. */
    @Override
    public void close() {
        CompletableFuture<DrainReport> done = stop();
        boolean ownLoop = runningOrNone().stream()
                .flatMap(each -> each.open.openLoops().stream())
                .anyMatch(loop -> loop.eventLoop().inEventLoop());
        if (!ownLoop) {
            done.join();
        }
    }

    private List<Running> runningOrNone() {
        synchronized (lock) {
            return running;
        }
    }

    @Override
    public String toString() {
        return "server " + state() + " of "
                + endpoints.stream().map(Endpoint::name).toList();
    }
}

package io.headrace;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

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

    /** Where a server is in its life. */
    public enum State {
        NEW,
        RUNNING,
        DRAINING,
        STOPPED
    }

    private final List<Endpoint> endpoints;
    private final CompletableFuture<DrainReport> stopped = new CompletableFuture<>();
    private final Object lock = new Object();
    // Guarded by lock.
    private State state = State.NEW;
    private boolean starting;
    private Drain stopWhileStarting;
    private RunningEndpoints running = RunningEndpoints.NONE;
    private final Set<RunningEndpoint> leaving = new HashSet<>();

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
        List<RunningEndpoint> opened = new ArrayList<>();
        try {
            Settings.require(endpoints);
            for (Endpoint endpoint : endpoints) {
                opened.add(RunningEndpoint.start(endpoint));
            }
            // Now, because handlers may ask for addresses as soon as peers are let in.
            synchronized (lock) {
                running = new RunningEndpoints(List.copyOf(opened));
            }
            opened.forEach(started -> started.listener().accept());
            opened.forEach(RunningEndpoint::announce);
        } catch (Throwable failure) {
            abort(opened);
            throw failure;
        }
        Drain stopNow;
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

    private void abort(List<RunningEndpoint> opened) {
        for (int i = opened.size() - 1; i >= 0; i--) {
            RunningEndpoint each = opened.get(i);
            each.stopAccepting(DEFAULT_GRACE.toNanos());
            each.attempt(null, each.listener()::force);
            each.close();
        }
        synchronized (lock) {
            running = RunningEndpoints.NONE;
            starting = false;
            state = State.STOPPED;
        }
        stopped.complete(DrainReport.NOTHING);
    }

    /** Stops with the default grace of 25 s. */
    public CompletableFuture<DrainReport> stop() {
        return stop(DEFAULT_GRACE);
    }

    /** Stops, without a delay, within this grace: see {@link #stop(Drain)}. */
    public CompletableFuture<DrainReport> stop(Duration grace) {
        return stop(Drain.within(grace));
    }

    /**
     * Stops: is not {@link #ready()} any more, lets nobody in after the delay, lets open exchanges end, tells sessions and conversations,
     * closes each connection gracefully, and cuts off what is left when the grace is over. Never blocks. The first call decides the grace
     * and the delay; endpoints that are being stopped one by one keep theirs, and are waited for.
     *
     * @return completed when everything is closed, with the same report for every call, over all endpoints; what is done to it reaches
     *     nobody else
     */
    public CompletableFuture<DrainReport> stop(Drain drain) {
        Objects.requireNonNull(drain, "drain");
        synchronized (lock) {
            if (starting) {
                stopWhileStarting = stopWhileStarting == null ? drain : stopWhileStarting;
            } else if (state == State.NEW) {
                state = State.STOPPED;
                stopped.complete(DrainReport.NOTHING);
            } else if (state == State.RUNNING) {
                stopRest(drain);
            }
        }
        return stopped.copy();
    }

    /** Stops one endpoint, without a delay, within this grace: see {@link #stop(String, Drain)}. */
    public CompletableFuture<DrainReport> stop(String endpoint, Duration grace) {
        return stop(endpoint, Drain.within(grace));
    }

    /**
     * Stops one endpoint, as {@link #stop(Drain)} does all; the others go on. With its last endpoint the server has stopped. Never blocks.
     *
     * @return the endpoint's own report, the same for every call
     * @throws IllegalArgumentException when no endpoint has this name
     * @throws IllegalStateException before the server has started
     */
    public CompletableFuture<DrainReport> stop(String endpoint, Drain drain) {
        Objects.requireNonNull(drain, "drain");
        RunningEndpoint one = running(endpoint);
        synchronized (lock) {
            if (state == State.NEW) {
                throw new IllegalStateException("server: starting (expected: started)");
            }
            if (state == State.RUNNING && !leaving.contains(one)) {
                if (leaving.size() == running.all().size() - 1) {
                    stopRest(drain);
                } else {
                    leaving.add(one);
                    Draining draining = new Draining(List.of(one), drain);
                    Loops.thread("headrace-stop", draining::run).start();
                }
            }
        }
        return one.stopped().copy();
    }

    /** Holding the lock. */
    private void stopRest(Drain drain) {
        state = State.DRAINING;
        List<RunningEndpoint> rest =
                running.all().stream().filter(each -> !leaving.contains(each)).toList();
        List<RunningEndpoint> all = running.all();
        Draining draining = new Draining(rest, drain);
        Loops.thread("headrace-stop", () -> {
                    draining.run();
                    hasStopped(all, rest.get(0).stopped().join());
                })
                .start();
    }

    /** The endpoints that stop now are closed; those that were stopped before may take longer. */
    private void hasStopped(List<RunningEndpoint> all, DrainReport last) {
        DrainReport report = new DrainReport(0, 0, 0, last.delay(), last.duration());
        for (RunningEndpoint each : all) {
            report = report.plus(each.stopped().join());
        }
        synchronized (lock) {
            state = State.STOPPED;
        }
        stopped.complete(report);
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

    /**
     * Whether it lets peers in and means to go on: what a readiness probe asks. False before it has started, and from the call of {@link
     * #stop(Drain)} on, however long the delay is.
     */
    public boolean ready() {
        return state() == State.RUNNING;
    }

    /** The first address of the first endpoint. */
    public SocketAddress address() {
        return addresses().get(0);
    }

    /**
     * The port of {@link #address()}; for endpoints that were given port 0.
     *
     * @throws IllegalStateException when that is an address without ports, as of a Unix socket
     */
    public int port() {
        SocketAddress address = address();
        if (address instanceof InetSocketAddress inet) {
            return inet.getPort();
        }
        throw new IllegalStateException("address: " + Text.of(address) + " (expected: one with a port)");
    }

    /** Every address of every endpoint, in the order in which they were given. */
    public List<SocketAddress> addresses() {
        return runningNow().addresses();
    }

    /** The addresses of the endpoint of this name. */
    public List<SocketAddress> addresses(String endpoint) {
        return running(endpoint).listener().addresses();
    }

    /**
     * The connections that are open now, of all endpoints, oldest first. Each event loop looks at its own, a few hundred between two rounds
     * of its traffic, so this waits for them: up to a second for each endpoint, and a loop that takes longer is left out and named in the log.
     * Connections that were greeted and shut down at once are not listed, nor are the sessions of datagrams.
     *
     * @throws IllegalStateException on an event loop of the server, which must not wait, and before it has started
     */
    public List<ConnectionInfo> connections() {
        return runningNow().connections();
    }

    /** The connections of the endpoint of this name: see {@link #connections()}. */
    public List<ConnectionInfo> connections(String endpoint) {
        return new RunningEndpoints(List.of(running(endpoint))).connections();
    }

    /**
     * The open connection with this {@link Connection#id()}, to close it by hand. Waits for the event loops, as {@link #connections()}.
     *
     * @throws IllegalStateException on an event loop of the server, which must not wait, and before it has started
     */
    public Optional<Connection<?>> connection(long id) {
        return runningNow().connection(id);
    }

    private RunningEndpoint running(String endpoint) {
        return runningNow().named(endpoint);
    }

    private RunningEndpoints runningNow() {
        synchronized (lock) {
            if (running.all().isEmpty()) {
                throw new IllegalStateException("server: " + state + " (expected: started)");
            }
            return running;
        }
    }

    /** Stops and waits until it has stopped; called on one of the server's own event loops it does not wait. */
    @Override
    public void close() {
        CompletableFuture<DrainReport> done = stop();
        if (!onOwnLoop()) {
            done.join();
        }
    }

    private boolean onOwnLoop() {
        synchronized (lock) {
            return running.onOwnLoop();
        }
    }

    @Override
    public String toString() {
        return "server " + state() + " of "
                + endpoints.stream().map(Endpoint::name).toList();
    }
}

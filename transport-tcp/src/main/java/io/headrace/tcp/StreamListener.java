package io.headrace.tcp;

import io.headrace.Clock;
import io.headrace.Connection;
import io.headrace.ConnectionInfo;
import io.headrace.Loops.Backend;
import io.headrace.Meter;
import io.headrace.OpenEndpoint;
import io.headrace.OpenLoop;
import io.headrace.Text;
import io.headrace.Transport;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** A bound stream endpoint. */
final class StreamListener implements Transport.Listener {
    /** How long a loop may take to answer before it counts as blocked. */
    private static final long LOOP_PATIENCE_NS = TimeUnit.SECONDS.toNanos(1);
    /** Turns of the loop, each of up to 16 accepts, that the queue gets to run empty in. */
    private static final int MAX_LAST_TURNS = 256;

    private static final String ACCEPTOR = "headrace-acceptor";

    private final List<StreamLoop<?, ?>> loops = new ArrayList<>();
    private final List<Channel> servers = new ArrayList<>();
    private final List<Sockets.Bound> bound = new ArrayList<>();
    private final Entrance entrance;
    private final Census census;
    private volatile boolean draining;

    private StreamListener(OpenEndpoint endpoint) {
        entrance = new Entrance(endpoint.gates(), endpoint.reports());
        census = entrance.census();
        for (OpenLoop open : endpoint.openLoops()) {
            loops.add(new StreamLoop<>(endpoint, open, entrance));
        }
    }

    static StreamListener bind(OpenEndpoint endpoint, Sockets<?> sockets) throws Exception {
        StreamListener listener = new StreamListener(endpoint);
        try {
            List<SocketAddress> wanted = sockets.resolve(endpoint.backend());
            for (SocketAddress address : wanted) {
                try {
                    listener.bind(endpoint, sockets, address);
                } catch (IOException cause) { // The endpoint's name says the address where there is only one.
                    throw wanted.size() == 1 ? cause : new IOException(Text.of(address), cause);
                }
            }
            new ListenQueue(List.copyOf(listener.servers)).tell(endpoint);
            endpoint.reading(Meter.DRAIN_REMAINING, listener::remaining);
            return listener;
        } catch (Throwable cause) {
            listener.leave();
            listener.servers.forEach(StreamListener::abandon);
            throw cause;
        }
    }

    private static void abandon(Channel server) {
        if (server.isRegistered()) {
            server.close().awaitUninterruptibly(LOOP_PATIENCE_NS, TimeUnit.NANOSECONDS);
        } else {
            server.unsafe().closeForcibly(); // No event loop would do it: an option could not be set.
        }
    }

    private void bind(OpenEndpoint endpoint, Sockets<?> sockets, SocketAddress address) throws Exception {
        OpenLoop home = endpoint.nextLoop();
        Channel server = listening(
                endpoint.backend(), sockets, loops.get(endpoint.openLoops().indexOf(home)));
        require(home.eventLoop().register(server));
        bound.add(sockets.bind(server, endpoint.backend(), address));
    }

    private void leave() {
        bound.forEach(place -> place.leave().run());
    }

    private Channel listening(Backend backend, Sockets<?> sockets, StreamLoop<?, ?> home) throws Exception {
        Channel greeter = loops.get(0).greets() ? sockets.greeter(backend) : null;
        Channel server = greeter == null ? sockets.server(backend) : greeter;
        servers.add(server);
        if (greeter == null) {
            sockets.prepareServer(server);
        }
        Function<Object, Arrival> arrivals = greeter == null
                ? channel -> new AcceptedChannel((DuplexChannel) channel, sockets)
                : message -> StreamBackend.takeAccepted(message, sockets);
        server.pipeline().addLast(ACCEPTOR, new Acceptor(arrivals, loops, entrance, home, new AcceptHold(server)));
        return server;
    }

    static void require(Future<?> future) throws Exception {
        future.awaitUninterruptibly();
        if (future.cause() instanceof Exception cause) {
            throw cause;
        }
        future.syncUninterruptibly();
    }

    @Override
    public List<SocketAddress> addresses() {
        return bound.stream().map(Sockets.Bound::address).toList();
    }

    @Override
    public void accept() {
        for (Channel server : servers) {
            Acceptor acceptor = server.pipeline().get(Acceptor.class);
            server.eventLoop().execute(acceptor::accept);
        }
    }

    @Override
    public void stopAccepting(long timeoutNs) {
        leave();
        for (Channel server : servers) {
            Acceptor acceptor = server.pipeline().get(Acceptor.class);
            if (acceptor == null) {
                server.close();
            } else {
                server.eventLoop().execute(() -> {
                    acceptor.stopping(); // Before it is closed, so that whoever waits counts as seen off by then.
                    closeWhenEmpty(server, acceptor, timeoutNs <= 0 ? MAX_LAST_TURNS : 0);
                });
            }
        }
        // However short the time is: a listener that is open when its loop ends would stay open.
        long deadlineNs = Clock.system().nanoTime() + LOOP_PATIENCE_NS;
        for (Channel server : servers) {
            long leftNs = deadlineNs - Clock.system().nanoTime();
            if (!server.closeFuture().awaitUninterruptibly(leftNs, TimeUnit.NANOSECONDS)) {
                loops.stream()
                        .filter(loop -> loop.open().eventLoop() == server.eventLoop())
                        .forEach(loop -> isBlocked(loop, "asked to stop accepting", LOOP_PATIENCE_NS));
            }
        }
    }

    /**
     * A turn of the loop in which nothing was accepted has seen an empty queue, unless accepting rests after an error. A timer, because tasks
     * may run without a turn between.
     */
    private static void closeWhenEmpty(Channel server, Acceptor acceptor, int turn) {
        boolean empty = acceptor.idleSinceAsked() && turn > 1;
        if (empty || turn >= MAX_LAST_TURNS) {
            server.close();
        } else {
            server.eventLoop().schedule(() -> closeWhenEmpty(server, acceptor, turn + 1), 1, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public int drain() {
        draining = true;
        int open = census.open();
        onEveryLoop("asked to drain", LOOP_PATIENCE_NS, loop -> done(loop.drain()));
        return open;
    }

    private double remaining() {
        return draining ? census.open() : 0;
    }

    @Override
    public boolean awaitEmpty(long timeoutNs) throws InterruptedException {
        return census.awaitNone(timeoutNs);
    }

    @Override
    public Forced force() {
        int left = census.open();
        if (left == 0 && !entrance.seesOff()) {
            return new Forced(0, 0); // Nor does a blocked loop have anything left to cut off.
        }
        List<Forced> cut =
                onEveryLoop("asked to cut off its connections", LOOP_PATIENCE_NS, loop -> done(loop.cutAll()));
        try {
            census.awaitNone(LOOP_PATIENCE_NS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        List<ConnectionInfo> first = cut.stream()
                .flatMap(forced -> forced.first().stream())
                .limit(Forced.MAX_LISTED)
                .toList();
        return new Forced(left, cut.stream().mapToLong(Forced::droppedBytes).sum(), first);
    }

    @Override
    public List<ConnectionInfo> connections(long timeoutNs) {
        return onEveryLoop("asked for its connections", timeoutNs, Survey::of).stream()
                .flatMap(List::stream)
                .toList();
    }

    @Override
    public Optional<Connection<?>> connection(long id, long timeoutNs) {
        return onEveryLoop("asked for a connection", timeoutNs, loop -> done(Optional.ofNullable(loop.find(id))))
                .stream()
                .flatMap(Optional::stream)
                .<Connection<?>>map(connection -> connection)
                .findFirst();
    }

    /** For those who look closer than a server does. */
    List<StreamLoop<?, ?>> loops() {
        return loops;
    }

    /** The listening sockets, for the same. */
    List<Channel> servers() {
        return servers;
    }

    private static <T> CompletableFuture<T> done(T result) {
        return CompletableFuture.completedFuture(result);
    }

    /** What each loop says to {@code question}, within one time for all of them; one that is blocked is named in the log and left out. */
    private <T> List<T> onEveryLoop(
            String question, long timeoutNs, Function<StreamLoop<?, ?>, CompletableFuture<T>> ask) {
        long deadlineNs = Clock.system().nanoTime() + timeoutNs;
        List<CompletableFuture<T>> answers = new ArrayList<>();
        for (StreamLoop<?, ?> loop : loops) {
            CompletableFuture<T> answer = new CompletableFuture<>();
            answers.add(answer);
            try {
                loop.open().eventLoop().execute(() -> ask(loop, ask, answer));
            } catch (RejectedExecutionException ended) {
                answer.completeExceptionally(ended);
            }
        }
        List<T> all = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            try {
                all.add(answers.get(i).get(deadlineNs - Clock.system().nanoTime(), TimeUnit.NANOSECONDS));
            } catch (TimeoutException blocked) {
                isBlocked(loops.get(i), question, timeoutNs);
            } catch (ExecutionException ended) {
                // It has no connections any more.
            } catch (InterruptedException hurry) {
                Thread.currentThread().interrupt();
            }
        }
        return all;
    }

    private static void isBlocked(StreamLoop<?, ?> loop, String question, long silentNs) {
        String silent = "event loop " + loop.open() + " is blocked: " + question + ", it has said nothing for "
                + TimeUnit.NANOSECONDS.toMillis(silentNs) + " ms";
        loop.reports().warn("blocked", silent, null);
    }

    private static <T> void ask(
            StreamLoop<?, ?> loop, Function<StreamLoop<?, ?>, CompletableFuture<T>> ask, CompletableFuture<T> answer) {
        try {
            ask.apply(loop).thenAccept(answer::complete);
        } catch (Throwable fault) {
            loop.reports().warn("fault", "in an event loop's answer", fault);
            answer.completeExceptionally(fault);
        }
    }
}

package io.headrace.tcp;

import io.headrace.Loops.Backend;
import io.headrace.OpenEndpoint;
import io.headrace.OpenLoop;
import io.headrace.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** A bound stream endpoint. */
final class StreamListener implements Transport.Listener {
    /** How long a loop may take to answer before it counts as blocked. */
    private static final long LOOP_PATIENCE_NS = TimeUnit.SECONDS.toNanos(1);
    /** Turns of the loop, each of up to 16 accepts, that the queue gets to run empty in. */
    private static final int MAX_LAST_TURNS = 256;

    private static final String ACCEPTOR = "headrace-acceptor";

    private final List<StreamLoop<?, ?>> loops = new ArrayList<>();
    private final List<Channel> servers = new ArrayList<>();
    private final List<SocketAddress> addresses = new ArrayList<>();
    private final Census census = new Census();

    private StreamListener(OpenEndpoint endpoint) {
        for (OpenLoop open : endpoint.openLoops()) {
            loops.add(new StreamLoop<>(endpoint, open, census));
        }
    }

    static StreamListener bind(OpenEndpoint endpoint, Sockets<?> sockets) throws Exception {
        StreamListener listener = new StreamListener(endpoint);
        try {
            for (SocketAddress address : sockets.resolve(endpoint.backend())) {
                listener.bind(endpoint, sockets, address);
            }
            return listener;
        } catch (Throwable cause) {
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
        Channel server = listening(endpoint.backend(), sockets);
        server.config().setAutoRead(false); // Nobody is let in before every endpoint of the server is bound.
        EventLoop eventLoop = endpoint.nextLoop().eventLoop();
        require(eventLoop.register(server));
        require(server.bind(address));
        addresses.add(server.localAddress());
    }

    private Channel listening(Backend backend, Sockets<?> sockets) throws Exception {
        Channel greeter = loops.get(0).greets() ? sockets.greeter(backend) : null;
        Channel server = greeter == null ? sockets.server(backend) : greeter;
        servers.add(server);
        if (greeter == null) {
            sockets.prepareServer(server);
        }
        Function<Object, Arrival> arrivals = greeter == null
                ? channel -> new AcceptedChannel((DuplexChannel) channel, sockets)
                : message -> StreamBackend.takeAccepted(message, sockets);
        server.pipeline().addLast(ACCEPTOR, new Acceptor(arrivals, loops, census));
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
        return List.copyOf(addresses);
    }

    @Override
    public void accept() {
        servers.forEach(server -> server.config().setAutoRead(true));
    }

    @Override
    public void stopAccepting(long timeoutNs) {
        List<Future<?>> closing = new ArrayList<>();
        for (Channel server : servers) {
            Acceptor acceptor = server.pipeline().get(Acceptor.class);
            if (acceptor == null || timeoutNs <= 0) {
                server.close();
            } else {
                server.eventLoop().execute(() -> {
                    acceptor.stopping();
                    closeWhenEmpty(server, acceptor, 0);
                });
            }
            closing.add(server.closeFuture());
        }
        // However short the time is: a listener that is open when its loop ends would stay open.
        closing.forEach(future -> future.awaitUninterruptibly(LOOP_PATIENCE_NS, TimeUnit.NANOSECONDS));
    }

    /** A turn of the loop in which nothing was accepted has seen an empty queue. A timer, because tasks may run without a turn between. */
    private static void closeWhenEmpty(Channel server, Acceptor acceptor, int turn) {
        boolean empty = acceptor.acceptedSinceAsked() == 0 && turn > 1;
        if (empty || turn >= MAX_LAST_TURNS) {
            server.close();
        } else {
            server.eventLoop().schedule(() -> closeWhenEmpty(server, acceptor, turn + 1), 1, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public int drain() {
        int open = census.open();
        onEveryLoop(StreamLoop::drain);
        return open;
    }

    @Override
    public boolean awaitEmpty(long timeoutNs) throws InterruptedException {
        return census.awaitNone(timeoutNs);
    }

    @Override
    public Forced force() {
        int left = census.open();
        long dropped = onEveryLoop(StreamLoop::cutAll);
        try {
            census.awaitNone(LOOP_PATIENCE_NS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        return new Forced(left, dropped);
    }

    /** The sum over the loops; one that is blocked adds nothing. */
    private long onEveryLoop(ToLongFunction<StreamLoop<?, ?>> task) {
        List<Future<Long>> results = new ArrayList<>();
        for (StreamLoop<?, ?> loop : loops) {
            results.add(loop.open().eventLoop().submit(() -> task.applyAsLong(loop)));
        }
        long sum = 0;
        for (Future<Long> result : results) {
            if (result.awaitUninterruptibly(LOOP_PATIENCE_NS, TimeUnit.NANOSECONDS) && result.isSuccess()) {
                sum += result.getNow();
            }
        }
        return sum;
    }
}

package io.headrace.udp;

import io.headrace.Transport;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A bound UDP endpoint, as the thread that starts and stops it sees it. */
final class UdpListener implements Transport.Listener {
    /** How long a blocked event loop is waited for where the caller gives no time. */
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(1);

    private static final Forced NOTHING = new Forced(0, 0);

    private final UdpSocket<?, ?> socket;
    private final SocketAddress address;
    private final CompletableFuture<Void> empty = new CompletableFuture<>();

    UdpListener(UdpSocket<?, ?> socket) {
        this.socket = socket;
        this.address = socket.channel().localAddress();
    }

    @Override
    public List<SocketAddress> addresses() {
        return List.of(address);
    }

    @Override
    public void accept() {
        socket.read();
    }

    /** Stops reading; the socket stays open, because open exchanges are still answered through it. */
    @Override
    public void stopAccepting(long timeoutNs) {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        try {
            socket.loop().eventLoop().execute(() -> socket.stopReading(() -> ended.complete(null)));
        } catch (RejectedExecutionException loopEnded) {
            return;
        }
        if (!await(ended, timeoutNs)) {
            socket.channel().config().setAutoRead(false);
        }
    }

    @Override
    public int drain() {
        return onLoop(0, () -> socket.drain(() -> empty.complete(null)));
    }

    @Override
    public boolean awaitEmpty(long timeoutNs) {
        return await(empty, timeoutNs);
    }

    @Override
    public Forced force() {
        Forced forced = onLoop(NOTHING, socket::close);
        socket.channel().close().awaitUninterruptibly(PATIENCE_NS, TimeUnit.NANOSECONDS);
        return forced;
    }

    private <T> T onLoop(T whenBlocked, Callable<T> task) {
        try {
            return socket.loop().eventLoop().submit(task).get(PATIENCE_NS, TimeUnit.NANOSECONDS);
        } catch (TimeoutException | RejectedExecutionException blockedOrEnded) {
            return whenBlocked;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return whenBlocked;
        } catch (ExecutionException fault) {
            throw new IllegalStateException(fault.getCause());
        }
    }

    private static boolean await(Future<?> event, long timeoutNs) {
        try {
            event.get(timeoutNs, TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException tooEarly) {
            return false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException fault) {
            throw new IllegalStateException(fault.getCause());
        }
    }
}

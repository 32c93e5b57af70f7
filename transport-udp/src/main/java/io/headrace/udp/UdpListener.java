package io.headrace.udp;

import io.headrace.OpenLoop;
import io.headrace.Transport;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A bound datagram endpoint, as the thread that starts and stops it sees it: one socket or several on one port. */
final class UdpListener implements Transport.Listener {
    /** How long a blocked event loop is waited for where the caller gives no time. */
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(1);

    private final List<UdpSocket<?, ?>> sockets;
    private final SocketAddress address;
    private final CompletableFuture<Void> empty;
    private final List<CompletableFuture<Void>> emptied = new ArrayList<>();

    UdpListener(List<UdpSocket<?, ?>> sockets) {
        this.sockets = List.copyOf(sockets);
        this.address = sockets.get(0).channel().localAddress();
        sockets.forEach(socket -> emptied.add(new CompletableFuture<>()));
        this.empty = allOf(emptied);
        UdpSessions.share(sessions());
    }

    /** Of every lane; none where the endpoint has no sessions. */
    private List<UdpSessions<?>> sessions() {
        List<UdpSessions<?>> sessions = new ArrayList<>();
        for (UdpSocket<?, ?> socket : sockets) {
            for (UdpLane<?, ?> lane : socket.lanes()) {
                if (lane.sessions() != null) {
                    sessions.add(lane.sessions());
                }
            }
        }
        return sessions;
    }

    private static CompletableFuture<Void> allOf(List<CompletableFuture<Void>> parts) {
        return CompletableFuture.allOf(parts.toArray(new CompletableFuture<?>[0]));
    }

    @Override
    public List<SocketAddress> addresses() {
        return List.of(address);
    }

    @Override
    public void accept() {
        sockets.forEach(UdpSocket::read);
    }

    /** Stops reading; the sockets stay open, because open exchanges are still answered through them. */
    @Override
    public void stopAccepting(long timeoutNs) {
        List<CompletableFuture<Void>> ended = new ArrayList<>();
        for (UdpSocket<?, ?> socket : sockets) {
            CompletableFuture<Void> end = new CompletableFuture<>();
            try {
                socket.loop().eventLoop().execute(() -> socket.stopReading(() -> end.complete(null)));
                ended.add(end);
            } catch (RejectedExecutionException loopEnded) {
                // It reads no more.
            }
        }
        if (!await(allOf(ended), timeoutNs)) {
            sockets.forEach(socket -> socket.channel().config().setAutoRead(false));
        }
    }

    @Override
    public int drain() {
        int open = 0;
        for (int i = 0; i < sockets.size(); i++) {
            UdpSocket<?, ?> socket = sockets.get(i);
            CompletableFuture<Void> end = emptied.get(i);
            List<CompletableFuture<Void>> done = new ArrayList<>();
            for (UdpLane<?, ?> lane : socket.lanes()) {
                CompletableFuture<Void> laneEmpty = new CompletableFuture<>();
                done.add(laneEmpty);
                open += onLoop(lane.loop(), 0, () -> lane.drain(() -> laneEmpty.complete(null)));
            }
            allOf(done).thenRun(() -> socket.whenSent(() -> end.complete(null)));
        }
        return open;
    }

    @Override
    public boolean awaitEmpty(long timeoutNs) {
        return await(empty, timeoutNs);
    }

    @Override
    public Forced force() {
        int open = 0;
        long droppedBytes = 0;
        for (UdpSocket<?, ?> socket : sockets) {
            for (UdpLane<?, ?> lane : socket.lanes()) {
                open += onLoop(lane.loop(), 0, lane::close);
            }
            droppedBytes += onLoop(socket.loop(), 0L, socket::close);
            socket.channel().close().awaitUninterruptibly(PATIENCE_NS, TimeUnit.NANOSECONDS);
        }
        return new Forced(open, droppedBytes);
    }

    private static <T> T onLoop(OpenLoop loop, T whenBlocked, Callable<T> task) {
        try {
            return loop.eventLoop().submit(task).get(PATIENCE_NS, TimeUnit.NANOSECONDS);
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

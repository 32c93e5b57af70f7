package io.headrace.tcp;

import io.headrace.CloseReason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.unix.Socket;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NotYetConnectedException;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/**
 * Connections of one loop that are shut down on our side and wait for their peers to finish: a close with input unread, or still on its
 * way, would send a reset.
 *
 * <p>Most were greeted without ever being registered with the event loop: those are looked at together, every few milliseconds, which
 * costs one read each instead of three calls to watch and unwatch. Bounded in time, bytes and number.
 */
final class Lingering {
    /** What a peer may still send, and have thrown away, before it is cut off. */
    static final int MAX_BYTES = 256 * 1_024;

    private static final long MAX_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long ROUND_NS = TimeUnit.MILLISECONDS.toNanos(5);
    /** More than this on one loop, and the oldest is cut off. */
    private static final int MAX_CONNECTIONS = 4_096;
    /** Longer greetings go the long way: a fresh socket surely has room for this much. */
    private static final int MAX_DIRECT_BYTES = 4_096;

    private final StreamLoop<?, ?> loop;
    private final EventExecutor executor;
    private final ByteBuffer waste = ByteBuffer.allocateDirect(16 * 1_024);
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private boolean scheduled;

    Lingering(StreamLoop<?, ?> loop) {
        this.loop = loop;
        this.executor = loop.open().eventLoop();
    }

    private static final class Waiting {
        private final StreamConnection<?, ?> connection;
        private final Socket unregistered; // Null: its event loop tells when the peer has finished.
        private final long deadlineNs;
        private int wastedBytes;

        Waiting(StreamConnection<?, ?> connection, Socket unregistered, long deadlineNs) {
            this.connection = connection;
            this.unregistered = unregistered;
            this.deadlineNs = deadlineNs;
        }
    }

    /**
     * Sends through the descriptor of an unregistered channel, and lingers. False when that cannot be done: what is then left in the buffer
     * is still to be sent. Consumes {@code encoded} when true.
     */
    boolean greet(StreamConnection<?, ?> connection, Object encoded) {
        if (!(encoded instanceof ByteBuf bytes)
                || !bytes.isDirect()
                || bytes.nioBufferCount() != 1
                || bytes.readableBytes() > MAX_DIRECT_BYTES) {
            return false;
        }
        try {
            int taken = send(StreamBackend.descriptor(connection.channel()), bytes);
            bytes.skipBytes(taken);
            connection.outflow().queued(taken);
            connection.outflow().settle();
        } catch (IOException | NotYetConnectedException gone) {
            bytes.release();
            connection.cut(CloseReason.PEER_RESET);
            return true;
        }
        if (bytes.isReadable()) {
            return false;
        }
        bytes.release();
        shutDownUnregistered(connection);
        return true;
    }

    private static int send(Socket socket, ByteBuf bytes) throws IOException {
        if (bytes.hasMemoryAddress()) {
            return socket.sendAddress(bytes.memoryAddress(), bytes.readerIndex(), bytes.writerIndex());
        }
        ByteBuffer view =
                bytes.internalNioBuffer(bytes.readerIndex(), bytes.readableBytes()); // No Unsafe on this runtime.
        return socket.send(view, view.position(), view.limit());
    }

    /** Shuts our side of an unregistered channel down, and lingers. */
    void shutDownUnregistered(StreamConnection<?, ?> connection) {
        Socket socket = StreamBackend.descriptor(connection.channel());
        try {
            socket.shutdown(false, true);
            linger(connection, socket, connection.progress().openedNs()); // It was opened just now.
        } catch (IOException | NotYetConnectedException gone) {
            connection.cut(CloseReason.PEER_RESET);
        }
    }

    /** Shuts our side of a registered channel down, all of whose output has left, and lingers. */
    void shutDown(StreamConnection<?, ?> connection) {
        Socket socket = StreamBackend.shutdownDescriptor(connection.channel());
        if (socket == null) {
            connection.channel().shutdownOutput();
        } else {
            try {
                socket.shutdown(false, true); // Netty's own way makes an exception with a stack trace each time.
            } catch (IOException | NotYetConnectedException gone) {
                connection.channel().close();
                return;
            }
        }
        linger(connection, null, loop.open().nanoTime());
    }

    private void linger(StreamConnection<?, ?> connection, Socket unregistered, long nowNs) {
        if (waiting.size() >= MAX_CONNECTIONS) {
            cutOff(waiting.poll());
        }
        waiting.add(new Waiting(connection, unregistered, nowNs + MAX_NS));
        if (!scheduled) {
            scheduled = true;
            executor.schedule(this::round, ROUND_NS, TimeUnit.NANOSECONDS);
        }
    }

    private void round() {
        long nowNs = loop.open().nanoTime();
        for (int left = waiting.size(); left > 0; left--) {
            Waiting each = waiting.poll();
            if (each.connection.isClosed() || finished(each)) {
                continue;
            }
            if (nowNs - each.deadlineNs >= 0 || each.wastedBytes > MAX_BYTES) {
                cutOff(each);
            } else {
                waiting.add(each);
            }
        }
        scheduled = !waiting.isEmpty();
        if (scheduled) {
            executor.schedule(this::round, ROUND_NS, TimeUnit.NANOSECONDS);
        }
    }

    /** Whether an unregistered peer has finished too, so that the socket is closed now. */
    private boolean finished(Waiting each) {
        if (each.unregistered == null) {
            return false;
        }
        try {
            int read;
            do {
                read = each.unregistered.recv(waste, 0, waste.capacity());
                each.wastedBytes += Math.max(0, read);
            } while (read == waste.capacity() && each.wastedBytes <= MAX_BYTES);
            if (read >= 0) {
                return false;
            }
        } catch (IOException | NotYetConnectedException reset) {
            // As good as finished.
        }
        cutOff(each);
        return true;
    }

    private static void cutOff(Waiting each) {
        each.connection.cut(CloseReason.APPLICATION);
    }
}

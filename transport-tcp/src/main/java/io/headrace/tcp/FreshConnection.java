package io.headrace.tcp;

import io.headrace.Attribute;
import io.headrace.Attributes;
import io.headrace.CloseReason;
import io.headrace.Connection;
import io.headrace.OpenLoop;
import io.headrace.Session;
import io.headrace.Text;
import io.netty.buffer.ByteBuf;
import io.netty.channel.unix.Socket;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.NotYetConnectedException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;

/**
 * An accepted socket that is most likely greeted and closed: no channel, and no event loop watches it.
 *
 * <pre>
 *  FRESH --sendAndClose, close--> LINGERING --peer's FIN, 1 s or 256 KiB--> CLOSED
 *    '----- anything else -------> GROWN into a StreamConnection, which does everything from then on
 * </pre>
 *
 * <p>Event loop only, but for what {@link Connection} promises to any thread: those calls hop to the loop, and find it grown or gone.
 */
final class FreshConnection<I, O> implements Connection<O>, Lingering.Waiting, OnSocket {
    /** Longer greetings go the long way: a fresh socket surely has room for this much. */
    private static final int MAX_DIRECT_BYTES = 4_096;

    private final long id = OpenLoop.nextConnectionId();
    private final AcceptedSocket accepted;
    private final Socket socket;
    private final StreamLoop<I, O> loop;
    private final long openedNs;
    private Session<? super I> session;
    private CloseReason reason;
    private int wastedBytes;
    private volatile boolean closing;
    private volatile StreamConnection<I, O> grown;
    private CompletableFuture<CloseReason> closed; // Guarded by this.
    private Attributes attributes; // Guarded by this; null until one is set, and no more asked once it has grown.

    FreshConnection(AcceptedSocket accepted, StreamLoop<I, O> loop) {
        this.accepted = accepted;
        this.socket = new Socket(accepted.descriptor());
        this.loop = loop;
        this.openedNs = loop.open().nanoTime();
    }

    /** Tells the application. */
    void start() {
        loop.open().watch().opened();
        try {
            session = loop.application().session(this);
            session.opened();
        } catch (Throwable failure) {
            fail(failure);
        }
        if (!closing) {
            grow(); // It was not greeted and closed at once.
        }
    }

    /** Becomes a channel, with all that stages and the application may want of it. */
    private StreamConnection<I, O> grow() {
        if (grown == null) {
            StreamConnection<I, O> grows = loop.grow(accepted, session, id, openedNs);
            CompletableFuture<CloseReason> promised;
            synchronized (this) {
                grows.inherit(attributes);
                grown = grows;
                promised = closed;
            }
            if (promised != null) {
                grown.closed().thenAccept(promised::complete);
            }
        }
        return grown;
    }

    @Override
    public boolean sendAndClose(O message) {
        if (!onLoop()) {
            StreamConnection<I, O> now = grown;
            return now != null ? now.sendAndClose(message) : hop(() -> sendAndClose(message), message);
        }
        if (grown != null) {
            return grown.sendAndClose(message);
        }
        if (closing) {
            ReferenceCountUtil.release(message);
            return false;
        }
        Object encoded;
        try {
            encoded = loop.encode(message);
        } catch (Throwable failure) {
            fail(failure);
            return false;
        }
        if (encoded instanceof ByteBuf bytes && fitsDirectly(bytes)) {
            return greet(bytes);
        }
        return grown(encoded);
    }

    /** Sends as a grown connection, which may turn out to be gone. Takes ownership. */
    private boolean grown(Object encoded) {
        if (!grow().writes()) {
            ReferenceCountUtil.release(encoded);
            return false;
        }
        grown.outflow().write(encoded);
        grown.close();
        return true;
    }

    private static boolean fitsDirectly(ByteBuf bytes) {
        return bytes.isDirect() && bytes.nioBufferCount() == 1 && bytes.readableBytes() <= MAX_DIRECT_BYTES;
    }

    private boolean greet(ByteBuf bytes) {
        try {
            int taken = send(bytes);
            loop.open().watch().sent(taken);
            bytes.skipBytes(taken);
        } catch (IOException | NotYetConnectedException gone) {
            bytes.release();
            end(CloseReason.PEER_RESET);
            return false;
        }
        if (bytes.isReadable()) {
            return grown(bytes); // The rest.
        }
        bytes.release();
        end(CloseReason.APPLICATION);
        return true;
    }

    private int send(ByteBuf bytes) throws IOException {
        if (bytes.hasMemoryAddress()) {
            return socket.sendAddress(bytes.memoryAddress(), bytes.readerIndex(), bytes.writerIndex());
        }
        // Where the runtime has no Unsafe.
        ByteBuffer view = bytes.internalNioBuffer(bytes.readerIndex(), bytes.readableBytes());
        return socket.send(view, view.position(), view.limit());
    }

    /** Shuts our side down, and lingers until the peer has finished too. */
    private void end(CloseReason why) {
        closing = true;
        reason = why;
        try {
            socket.shutdown(false, true);
            loop.lingering().add(this, openedNs); // It was opened just now.
        } catch (IOException | NotYetConnectedException gone) {
            cutOff();
        }
    }

    @Override
    public boolean finished(ByteBuffer waste) {
        try {
            int read;
            do {
                read = socket.recv(waste, 0, waste.capacity());
                if (read > 0) {
                    wastedBytes += read;
                    loop.open().watch().received(read);
                }
            } while (read == waste.capacity() && wastedBytes <= Lingering.MAX_BYTES);
            if (read >= 0 && !loop.lingering().sentTooMuch(wastedBytes)) {
                return false;
            }
        } catch (IOException | NotYetConnectedException reset) {
            // As good as finished.
        }
        cutOff();
        return true;
    }

    @Override
    public void cutOff() {
        try {
            socket.close();
        } catch (IOException gone) {
            // It was closed under us, which is what we want.
        }
        loop.freshClosed(accepted, reason, openedNs);
        if (session != null) {
            session.closed(reason);
        }
        CompletableFuture<CloseReason> promised;
        synchronized (this) {
            promised = closed;
            closed = CompletableFuture.completedFuture(reason);
        }
        if (promised != null) {
            promised.complete(reason);
        }
    }

    @Override
    public boolean send(O message) {
        if (!onLoop()) {
            StreamConnection<I, O> now = grown;
            return now != null ? now.send(message) : hop(() -> send(message), message);
        }
        if (closing) {
            ReferenceCountUtil.release(message);
            return false;
        }
        return grow().send(message);
    }

    @Override
    public void close() {
        close(CloseReason.APPLICATION);
    }

    @Override
    public void close(CloseReason why) {
        runOnLoop(() -> {
            if (grown != null) {
                grown.close(why);
            } else if (!closing) {
                end(why);
            }
        });
    }

    @Override
    public void fail(Throwable cause) {
        runOnLoop(() -> {
            loop.reports().warn("fault", () -> "while serving " + Text.of(address()) + " #" + id, cause);
            close(CloseReason.HANDLER_FAILED);
        });
    }

    @Override
    public boolean writable() {
        StreamConnection<I, O> now = grown;
        return now == null ? !closing : now.writable();
    }

    @Override
    public void whenWritable(Runnable task) {
        runOnLoop(() -> {
            if (grown == null) {
                task.run();
            } else {
                grown.whenWritable(task);
            }
        });
    }

    @Override
    public CompletionStage<CloseReason> closed() {
        StreamConnection<I, O> now = grown;
        if (now != null) {
            return now.closed();
        }
        synchronized (this) {
            if (closed == null) {
                closed = new CompletableFuture<>();
                if (grown != null) {
                    grown.closed().thenAccept(closed::complete);
                }
            }
            return closed.minimalCompletionStage();
        }
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public SocketAddress address() {
        return accepted.address();
    }

    @Override
    public SocketAddress localAddress() {
        StreamConnection<I, O> now = grown;
        return now == null ? socket.localAddress() : now.localAddress();
    }

    @Override
    public <T> T get(Attribute<T> attribute) {
        synchronized (this) {
            if (grown == null) {
                return Attributes.get(attributes, attribute);
            }
        }
        return grown.get(attribute);
    }

    @Override
    public <T> T set(Attribute<T> attribute, T value) {
        synchronized (this) {
            if (grown == null) {
                T before = Attributes.get(attributes, attribute);
                attributes = Attributes.with(attributes, attribute, value);
                return before;
            }
        }
        return grown.set(attribute, value);
    }

    @Override
    public Socket socket() {
        StreamConnection<I, O> now = grown;
        return now == null ? socket : now.socket();
    }

    private boolean hop(Runnable task, O message) {
        if (closing) {
            ReferenceCountUtil.release(message);
            return false;
        }
        try {
            loop.open().eventLoop().execute(task);
            return true;
        } catch (RejectedExecutionException loopsAreGone) {
            ReferenceCountUtil.release(message);
            return false;
        }
    }

    private void runOnLoop(Runnable task) {
        if (onLoop()) {
            task.run();
            return;
        }
        try {
            loop.open().eventLoop().execute(task);
        } catch (RejectedExecutionException loopsAreGone) {
            // And the connection with them.
        }
    }

    private boolean onLoop() {
        return loop.open().eventLoop().inEventLoop();
    }

    @Override
    public String toString() {
        return "connection from " + Text.of(address()) + " #" + id;
    }
}

package io.headrace.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One end of an in-memory stream. Runs on any event loop: the other end tells it by tasks, not by I/O, to look at its pipes again.
 *
 * <pre>
 *  this.doWrite --> peer.input --> peer.read      Each end owns the pipe that it reads.
 *  this.read    <-- this.input <-- peer.doWrite
 * </pre>
 *
 * <p>Always half-open: the end of the input is an event, and the output goes on. As on NIO, nothing is read, not even the end, while it is
 * not asked for.
 */
final class InMemoryChannel extends AbstractChannel implements DuplexChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);
    private static final AtomicLong CLIENTS = new AtomicLong();

    private final ChannelConfig config = new DefaultChannelConfig(this) {
        @Override
        protected void autoReadCleared() {
            readPending = false;
        }
    };
    private final InMemoryPipe input;
    private volatile SocketAddress address;
    private volatile InMemoryChannel peer;
    private volatile boolean inputShutdown;
    private volatile boolean outputShutdown;
    private volatile boolean closed;
    private volatile boolean readPending;

    /** The end that is still to be connected. */
    InMemoryChannel(int receiveBufferBytes) {
        super(null);
        input = new InMemoryPipe(receiveBufferBytes);
    }

    /** The accepted end. */
    InMemoryChannel(Channel server, InMemoryChannel client, int receiveBufferBytes) {
        super(server);
        input = new InMemoryPipe(receiveBufferBytes);
        address = server.localAddress();
        peer = client;
    }

    /** Runs the task on the channel's event loop, unless that has ended or the channel is on none yet: then nobody looks. Any thread. */
    static void later(Channel channel, Runnable task) {
        if (channel.isRegistered()) {
            try {
                channel.eventLoop().execute(task);
            } catch (RejectedExecutionException loopHasEnded) {
                // As if the process were gone.
            }
        }
    }

    /** Something has changed at the other end. */
    private void lookAgain() {
        if (readPending && !inputShutdown && isActive() && input.readable()) {
            read0();
        }
        ((InMemoryUnsafe) unsafe()).resumeWriting();
    }

    private void read0() {
        var handle = unsafe().recvBufAllocHandle();
        handle.reset(config);
        IOException reset = null;
        readPending = false;
        do {
            ByteBuf bytes;
            try {
                bytes = handle.allocate(config.getAllocator());
            } catch (
                    OutOfMemoryError
                            scarce) { // As every channel does: it is this connection's trouble, not the loop's.
                handle.readComplete();
                pipeline().fireChannelReadComplete();
                pipeline().fireExceptionCaught(scarce);
                return;
            }
            try {
                handle.attemptedBytesRead(bytes.writableBytes());
                handle.lastBytesRead(input.read(bytes));
            } catch (IOException byPeer) {
                handle.lastBytesRead(0);
                reset = byPeer;
            }
            if (!bytes.isReadable()) {
                bytes.release();
                break;
            }
            handle.incMessagesRead(1);
            pipeline().fireChannelRead(bytes);
        } while (handle.continueReading() && !closed);
        inputShutdown |= handle.lastBytesRead() < 0;
        later(peer, peer::lookAgain); // There is room again.
        handle.readComplete();
        pipeline().fireChannelReadComplete();
        if (reset != null) {
            pipeline().fireExceptionCaught(reset);
            unsafe().close(unsafe().voidPromise());
        } else if (inputShutdown && !closed) {
            pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
    }

    @Override
    protected void doBeginRead() {
        readPending = true;
        later(this, this::lookAgain);
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer queue) throws IOException {
        for (ByteBuf bytes; (bytes = (ByteBuf) queue.current()) != null; ) {
            queue.progress(peer.input.write(bytes));
            if (bytes.isReadable()) {
                break; // Until the peer has read.
            }
            queue.remove();
        }
        later(peer, peer::lookAgain);
    }

    @Override
    protected Object filterOutboundMessage(Object message) {
        if (message instanceof ByteBuf) {
            return message;
        }
        throw new UnsupportedOperationException("message: " + message.getClass().getName() + " (expected: a buffer)");
    }

    /** Cuts both directions off. Any thread. */
    void reset() {
        closed = true;
        input.abandon();
        if (peer != null) {
            peer.input.reset();
            later(peer, peer::lookAgain);
        }
    }

    @Override
    protected void doClose() {
        if (input.abandon()) {
            reset();
        } else {
            closed = true;
            doShutdownOutput();
        }
    }

    @Override
    protected void doShutdownOutput() {
        outputShutdown = true;
        if (peer != null) {
            peer.input.finish();
            later(peer, peer::lookAgain);
        }
    }

    @Override
    protected void doBind(SocketAddress wanted) {
        address = wanted;
    }

    @Override
    protected void doDisconnect() {
        doClose();
    }

    @Override
    public boolean isInputShutdown() {
        return inputShutdown;
    }

    @Override
    public ChannelFuture shutdownInput() {
        return shutdownInput(newPromise());
    }

    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
        inputShutdown = true;
        return promise.setSuccess();
    }

    @Override
    public boolean isOutputShutdown() {
        return outputShutdown;
    }

    @Override
    public ChannelFuture shutdownOutput() {
        return shutdownOutput(newPromise());
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        if (eventLoop().inEventLoop()) {
            ((InMemoryUnsafe) unsafe()).shutdownOutput(promise);
        } else {
            eventLoop().execute(() -> ((InMemoryUnsafe) unsafe()).shutdownOutput(promise));
        }
        return promise;
    }

    @Override
    public boolean isShutdown() {
        return inputShutdown && outputShutdown;
    }

    @Override
    public ChannelFuture shutdown() {
        return shutdown(newPromise());
    }

    @Override
    public ChannelFuture shutdown(ChannelPromise promise) {
        inputShutdown = true;
        return shutdownOutput(promise);
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected SocketAddress localAddress0() {
        return address;
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return peer == null ? null : peer.address;
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public boolean isActive() {
        return peer != null && !closed;
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new InMemoryUnsafe();
    }

    private final class InMemoryUnsafe extends AbstractUnsafe {

        @Override
        public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
            if (!promise.setUncancellable() || !ensureOpen(promise)) {
                return;
            }
            address = local != null ? local : new LocalAddress("in-memory-client-" + CLIENTS.incrementAndGet());
            try {
                peer = InMemoryServerChannel.connect(InMemoryChannel.this, remote);
            } catch (ConnectException refused) {
                safeSetFailure(promise, refused);
                close(voidPromise());
                return;
            }
            safeSetSuccess(promise);
            pipeline().fireChannelActive();
        }

        /** The peer has read: there may be room for what is flushed and still here. */
        void resumeWriting() {
            flush0();
        }
    }
}

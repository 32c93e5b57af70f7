package io.headrace.tcp;

import io.headrace.contract.ContractTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** An in-memory channel that blocking code uses: reads only what is asked for. */
final class InMemoryPeer extends StreamPeer {
    private static final Object END = new Object();

    private static final EventLoop LOOP = new DefaultEventLoop(new DefaultThreadFactory("in-memory-peers", true));

    private final InMemoryChannel channel;
    private final BlockingQueue<Object> received = new LinkedBlockingQueue<>();
    private ByteBuf left = Unpooled.EMPTY_BUFFER;
    private ChannelFuture sending;
    private boolean ended;

    private InMemoryPeer(int receiveBufferBytes) {
        channel = new InMemoryChannel(receiveBufferBytes);
    }

    static InMemoryPeer connect(SocketAddress server, boolean small) throws IOException {
        InMemoryPeer peer = new InMemoryPeer(small ? 4_096 : InMemoryOptions.DEFAULTS.receiveBufferBytes());
        peer.channel.config().setAutoRead(false);
        peer.channel.pipeline().addLast(peer.new Receiver());
        LOOP.register(peer.channel).syncUninterruptibly();
        peer.require(peer.channel.connect(server));
        peer.sending = peer.channel.newSucceededFuture();
        return peer;
    }

    private final class Receiver extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object bytes) {
            received.add(bytes);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE) {
                received.add(END);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            received.add(new ClosedChannelException());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            received.add(cause);
        }
    }

    @Override
    public SocketAddress address() {
        return channel.localAddress();
    }

    /** As with a socket, what it has taken lies with the other end, or waits for room there, when it returns. */
    @Override
    int offer(ByteBuffer bytes) throws IOException {
        if (!sending.isDone()) {
            return 0;
        }
        int size = Math.min(bytes.remaining(), 4_096);
        byte[] some = new byte[size];
        bytes.get(some);
        sending = LOOP.submit(() -> channel.writeAndFlush(Unpooled.wrappedBuffer(some)))
                .syncUninterruptibly()
                .getNow();
        if (sending.isDone()) {
            require(sending);
        }
        return size;
    }

    @Override
    void awaitRoom() throws IOException {
        require(sending);
    }

    private void require(ChannelFuture future) throws IOException {
        if (!future.awaitUninterruptibly(ContractTest.PATIENCE.toMillis())) {
            throw new AssertionError("nothing was taken within " + ContractTest.PATIENCE);
        }
        if (future.cause() != null) {
            throw new IOException(future.cause().getMessage(), future.cause());
        }
    }

    @Override
    byte[] receive(int maxBytes) throws IOException {
        if (!left.isReadable() && !ended) {
            left.release();
            left = Unpooled.EMPTY_BUFFER;
            Object next = next();
            if (next instanceof ByteBuf bytes) {
                left = bytes;
            } else if (next instanceof IOException broken) {
                throw broken;
            }
            ended = next == END;
        }
        byte[] some = ByteBufUtil.getBytes(left, left.readerIndex(), Math.min(maxBytes, left.readableBytes()));
        left.skipBytes(some.length);
        return some;
    }

    private Object next() {
        Object next = received.poll();
        if (next != null) {
            return next;
        }
        channel.read();
        try {
            next = received.poll(ContractTest.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        if (next == null) {
            throw new AssertionError("nothing came within " + ContractTest.PATIENCE);
        }
        return next;
    }

    @Override
    void finish() throws IOException {
        require(channel.shutdownOutput());
    }

    @Override
    void reset() throws IOException {
        channel.reset();
        close();
    }

    @Override
    public void close() throws IOException {
        require(channel.close());
        left.release();
        left = Unpooled.EMPTY_BUFFER;
        for (Object unread; (unread = received.poll()) != null; ) {
            if (unread instanceof ByteBuf bytes) {
                bytes.release();
            }
        }
        ended = true;
    }
}

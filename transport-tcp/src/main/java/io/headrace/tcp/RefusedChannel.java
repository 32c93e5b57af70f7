package io.headrace.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;

/** A refused peer whose backend does not show its descriptor, or blocks on it: its channel is registered to be seen off. */
final class RefusedChannel extends Refused {
    private final DuplexChannel channel;
    private int wastedBytes;

    RefusedChannel(DuplexChannel channel, StreamLoop<?, ?> home) {
        super(home);
        this.channel = channel;
        channel.config().setAutoRead(false);
        channel.pipeline().addLast("headrace-refused", new Waste());
        ChannelPromise registered = channel.newPromise();
        channel.unsafe().register(home.open().eventLoop(), registered);
        channel.closeFuture().addListener(closed -> gone());
    }

    @Override
    void finish(byte[] word) {
        if (!channel.isRegistered() || !channel.isActive()) {
            close();
        } else if (word.length == 0) {
            shutDown();
        } else {
            // Shutting the output down would drop what is not written yet.
            channel.writeAndFlush(Unpooled.wrappedBuffer(word)).addListener(written -> shutDown());
        }
    }

    private void shutDown() {
        channel.shutdownOutput().addListener(done -> {
            if (!done.isSuccess()) {
                close();
            }
        });
        if (!isGone()) {
            linger();
            channel.config().setAutoRead(true);
        }
    }

    @Override
    public boolean finished(ByteBuffer waste) {
        return isGone(); // Its event loop tells when the peer has finished.
    }

    @Override
    void close() {
        if (channel.isRegistered()) {
            channel.close();
            if (!channel.isOpen()) {
                gone();
            }
        } else {
            channel.unsafe().closeForcibly();
            gone();
        }
    }

    /** Throws away what comes; Netty closes the channel at the end of its input, or we do. */
    private final class Waste extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            wastedBytes += ((ByteBuf) message).readableBytes();
            ReferenceCountUtil.release(message);
            if (channel.isOpen() && sentTooMuch(wastedBytes)) {
                close();
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE) {
                close();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            close();
        }
    }
}

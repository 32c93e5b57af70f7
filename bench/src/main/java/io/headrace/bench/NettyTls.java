package io.headrace.bench;

import io.headrace.Slot;
import io.headrace.Stage;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;

/** Netty's own TLS handler on a line of Headrace, put there as any user may: there is no stage for it yet. */
final class NettyTls {
    private NettyTls() {}

    static Stage<Channel> stage(SslContext context, Target.Service service) {
        Stage<Channel> tls =
                Stage.netty(Slot.SECURITY, "tls", () -> context.newHandler(PooledByteBufAllocator.DEFAULT));
        Stage<Channel> ready = Stage.netty(Slot.SECURITY, "tls-ready", Ready::new);
        return service == Target.Service.GREET
                ? Stage.group(NettyTls.class, tls, ready, Stage.netty(Slot.SECURITY, "tls-end", End::new))
                : Stage.group(NettyTls.class, tls, ready);
    }

    /**
     * The application hears of a connection when its handshake is done. Told before, it would greet and close at once: a greeting that still
     * waits in Netty's handler when the connection ends never leaves.
     */
    @Sharable
    private static final class Ready extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            // Not yet.
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof SslHandshakeCompletionEvent done && done.isSuccess()) {
                ctx.fireChannelActive();
            }
            ctx.fireUserEventTriggered(event);
        }
    }

    /** Says close_notify behind the one thing that a greeting endpoint says: Headrace shuts the socket down past all handlers. */
    private static final class End extends ChannelOutboundHandlerAdapter {
        private boolean greeted;

        @Override
        public void write(ChannelHandlerContext ctx, Object greeting, ChannelPromise promise) {
            greeted = true;
            ctx.write(greeting, promise);
        }

        @Override
        public void flush(ChannelHandlerContext ctx) {
            ctx.flush();
            if (greeted) {
                ctx.pipeline().get(SslHandler.class).closeOutbound();
            }
        }
    }
}

package io.headrace.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/**
 * Counts what reaches the socket's queue, next to the socket. Only on lines where a handler may change what is written; elsewhere the
 * connection counts by itself.
 */
final class SentCounter extends ChannelOutboundHandlerAdapter {
    private final Outflow<?> outflow;

    SentCounter(Outflow<?> outflow) {
        this.outflow = outflow;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof ByteBuf bytes) {
            outflow.queued(bytes.readableBytes());
        }
        ctx.write(message, promise);
    }
}

package io.headrace.tcp;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;

/** Hands accepted channels to the endpoint's loops in turn. One per listening socket, on its event loop. */
final class Acceptor extends ChannelInboundHandlerAdapter {
    private final Sockets<?> sockets;
    private final List<StreamLoop<?, ?>> loops;
    private final Census census;
    private int turn;
    private int accepted;

    Acceptor(Sockets<?> sockets, List<StreamLoop<?, ?>> loops, Census census) {
        this.sockets = sockets;
        this.loops = loops;
        this.census = census;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        DuplexChannel channel = (DuplexChannel) message;
        StreamLoop<?, ?> loop = loops.get(turn);
        turn = turn + 1 == loops.size() ? 0 : turn + 1;
        accepted++;
        census.came();
        if (loop.open().eventLoop().inEventLoop()) {
            loop.accepted(channel, sockets);
            return;
        }
        try {
            loop.open().eventLoop().execute(() -> loop.accepted(channel, sockets));
        } catch (RejectedExecutionException loopsAreGone) {
            channel.unsafe().closeForcibly();
            census.left();
        }
    }

    /** How many were accepted since this was last asked. Event loop only. */
    int acceptedSinceAsked() {
        int count = accepted;
        accepted = 0;
        return count;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        loops.get(0).reports().warn("accept", String.valueOf(cause.getMessage()), null);
    }
}

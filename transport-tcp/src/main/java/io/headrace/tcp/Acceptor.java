package io.headrace.tcp;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Hands accepted channels to the endpoint's loops in turn. One per listening socket, on its event loop. */
final class Acceptor extends ChannelInboundHandlerAdapter {
    /** How long nobody is let in after accepting has failed. */
    private static final int PAUSE_MS = 500;

    private final Function<Object, Arrival> arrivals;
    private final List<StreamLoop<?, ?>> loops;
    private final Census census;
    private int turn;
    private int accepted;
    private boolean stopping;

    /** {@code arrivals} tells what a message of the listening channel stands for. */
    Acceptor(Function<Object, Arrival> arrivals, List<StreamLoop<?, ?>> loops, Census census) {
        this.arrivals = arrivals;
        this.loops = loops;
        this.census = census;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        Arrival arrival = arrivals.apply(message);
        StreamLoop<?, ?> loop = loops.get(turn);
        turn = turn + 1 == loops.size() ? 0 : turn + 1;
        accepted++;
        census.came();
        if (loop.open().eventLoop().inEventLoop()) {
            loop.accepted(arrival);
            return;
        }
        try {
            loop.open().eventLoop().execute(() -> loop.accepted(arrival));
        } catch (RejectedExecutionException loopsAreGone) {
            arrival.turnAway();
            census.left();
        }
    }

    /** How many were accepted since this was last asked. Event loop only. */
    int acceptedSinceAsked() {
        int count = accepted;
        accepted = 0;
        return count;
    }

    /** The listener is about to close: no timer takes accepting up again. */
    void stopping() {
        stopping = true;
    }

    /** Out of descriptors, most likely: a listener that is readable and cannot accept would spin. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!stopping) {
            Channel server = ctx.channel();
            server.config().setAutoRead(false);
            ctx.executor()
                    .schedule(
                            () -> {
                                if (!stopping) {
                                    server.config().setAutoRead(true);
                                }
                            },
                            PAUSE_MS,
                            TimeUnit.MILLISECONDS);
        }
        loops.get(0).reports().warn("accept", String.valueOf(cause.getMessage()), null);
    }
}

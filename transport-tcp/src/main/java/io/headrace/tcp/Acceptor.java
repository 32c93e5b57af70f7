package io.headrace.tcp;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;

/** Hands those who may come in to the endpoint's loops in turn. One per listening socket, on its event loop. */
final class Acceptor extends ChannelInboundHandlerAdapter {
    private final Function<Object, Arrival> arrivals;
    private final List<StreamLoop<?, ?>> loops;
    private final Entrance entrance;
    private final AcceptHold hold;
    private final AcceptErrors errors;
    private final Doorkeeper doorkeeper;
    private int turn;
    private int accepted;

    /**
     * @param arrivals tells what a message of the listening channel stands for
     * @param home the loop of the listening channel
     */
    Acceptor(
            Function<Object, Arrival> arrivals,
            List<StreamLoop<?, ?>> loops,
            Entrance entrance,
            StreamLoop<?, ?> home,
            AcceptHold hold) {
        this.arrivals = arrivals;
        this.loops = loops;
        this.entrance = entrance;
        this.hold = hold;
        this.errors = new AcceptErrors(home.open().eventLoop(), home.open().watch(), home.reports(), hold);
        this.doorkeeper = new Doorkeeper(entrance, home, hold, this::handOn);
    }

    /** Lets peers in, if nothing else stands in the way. */
    void accept() {
        hold.letGo(AcceptHold.STARTING);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        accepted++;
        errors.accepted();
        Arrival arrival = arrivals.apply(message);
        if (arrival.gone()) {
            arrival.turnAway();
            errors.aborted();
        } else {
            doorkeeper.arrived(arrival);
        }
    }

    private void handOn(Arrival arrival) {
        StreamLoop<?, ?> loop = loops.get(turn);
        turn = turn + 1 == loops.size() ? 0 : turn + 1;
        if (loop.open().eventLoop().inEventLoop()) {
            loop.accepted(arrival);
            return;
        }
        try {
            loop.open().eventLoop().execute(() -> loop.accepted(arrival));
        } catch (RejectedExecutionException loopsAreGone) {
            arrival.turnAway();
            entrance.left(arrival, null);
        }
    }

    /** Whether it has looked for somebody ever since this was last asked, and nobody came. Event loop only. */
    boolean idleSinceAsked() {
        boolean rested = errors.restedSinceAsked();
        boolean idle = accepted == 0 && !rested;
        accepted = 0;
        return idle;
    }

    /** The listener is about to close: nobody waits for a place any more, and who waits in the system's queue is accepted. */
    void stopping() {
        doorkeeper.stopping();
        errors.stopping();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        doorkeeper.stopping();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        errors.failed(cause);
    }
}

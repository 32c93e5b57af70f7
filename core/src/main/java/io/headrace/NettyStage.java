package io.headrace;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerAdapter;
import java.util.function.Supplier;

/** A user's own Netty handler, in its place on the line. */
record NettyStage(Slot slot, String name, Supplier<? extends ChannelHandler> handlers)
        implements ChannelStage<Channel> {

    @Override
    public Object kind() {
        return "netty handler '" + name + "'";
    }

    /** Whoever gives the same handler twice is told now, not when the second connection cannot have it. */
    @Override
    public void check(Problems problems) {
        if (handlers == null) {
            problems.expect(false, "handler '" + name + "'", null, "a supplier of handlers");
            return;
        }
        ChannelHandler one;
        ChannelHandler another;
        try {
            one = handlers.get();
            another = handlers.get();
        } catch (RuntimeException failure) {
            return; // It may well succeed for a channel; where it does not, that channel is closed.
        }
        // As Netty does: what is no adapter it cannot tell apart.
        boolean sharable = !(one instanceof ChannelHandlerAdapter adapter) || adapter.isSharable();
        problems.expect(
                one != another || sharable,
                "handler '" + name + "'",
                "the same instance twice",
                "a new one each time, or one that is @Sharable");
    }

    @Override
    public PerLoop<Channel> open(Site site) {
        return loop -> (channel, line) -> line.add(name, handlers.get());
    }

    @Override
    public String toString() {
        return name;
    }
}

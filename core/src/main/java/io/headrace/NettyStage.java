package io.headrace;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import java.util.function.Supplier;

/** A user's own Netty handler, in its place on the line. */
record NettyStage(Slot slot, String name, Supplier<? extends ChannelHandler> handlers)
        implements ChannelStage<Channel> {

    @Override
    public Object kind() {
        return "netty handler '" + name + "'";
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

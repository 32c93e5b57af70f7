package io.headrace.tcp;

import io.netty.channel.socket.DuplexChannel;

/** A channel that was accepted and is not registered yet. */
record AcceptedChannel(DuplexChannel channel, Sockets<?> sockets) implements Arrival {

    @Override
    public void enter(StreamLoop<?, ?> loop) {
        loop.accepted(this);
    }

    @Override
    public void turnAway() {
        channel.unsafe().closeForcibly();
    }
}

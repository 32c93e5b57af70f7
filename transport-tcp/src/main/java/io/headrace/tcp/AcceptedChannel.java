package io.headrace.tcp;

import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.Socket;
import java.net.SocketAddress;

/** A channel that was accepted and is not registered yet. */
record AcceptedChannel(DuplexChannel channel, Sockets<?> sockets) implements Arrival {

    @Override
    public SocketAddress address() {
        return channel.remoteAddress(); // The channel remembers it.
    }

    @Override
    public void enter(StreamLoop<?, ?> loop) {
        loop.accepted(this);
    }

    @Override
    public boolean gone() {
        return StreamBackend.goneAlready(channel);
    }

    @Override
    public void turnAway() {
        channel.unsafe().closeForcibly();
    }

    @Override
    public void reset() {
        try {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        } catch (ChannelException alreadyGone) {
            // Then it knows.
        }
        turnAway();
    }

    @Override
    public Refused refused(StreamLoop<?, ?> home) {
        Socket socket = StreamBackend.freeDescriptor(channel);
        return socket == null ? new RefusedChannel(channel, home) : new RefusedSocket(socket, home, this::turnAway);
    }
}

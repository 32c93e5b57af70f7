package io.headrace.udp;

import io.headrace.Peer;
import io.headrace.Text;
import java.net.SocketAddress;

/**
 * Who sent a datagram.
 *
 * <p>Where handlers hold no exchange, one object serves every datagram of a socket and is told each sender in turn.
 */
final class UdpPeer<O> implements Peer<O> {
    private final UdpSocket<?, O> socket;
    private SocketAddress address;

    UdpPeer(UdpSocket<?, O> socket, SocketAddress address) {
        this.socket = socket;
        this.address = address;
    }

    /** Becomes the sender of the next datagram. */
    UdpPeer<O> at(SocketAddress sender) {
        address = sender;
        return this;
    }

    @Override
    public SocketAddress address() {
        return address;
    }

    @Override
    public boolean send(O message) {
        return socket.send(address, message);
    }

    @Override
    public String toString() {
        return Text.of(address);
    }
}

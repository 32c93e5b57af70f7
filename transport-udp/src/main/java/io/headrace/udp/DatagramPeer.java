package io.headrace.udp;

import io.headrace.Peer;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * Who sent a datagram, and through which of our sockets others can be reached.
 *
 * @param <O> what may go out
 */
public interface DatagramPeer<O> extends Peer<O> {

    /**
     * The address of ours that its datagram came to, with {@link UdpOptions#localAddresses()}; otherwise the one that the socket is bound to,
     * which is the wildcard where it is bound to all.
     */
    SocketAddress localAddress();

    /** Anybody else, sent to through the same socket; what is sent there is no reply, and no {@link ReplyLimit} holds for it. */
    DatagramPeer<O> to(InetSocketAddress other);

    /** The peer of an exchange or a session on a datagram endpoint. */
    static <O> DatagramPeer<O> of(Peer<O> peer) {
        if (peer instanceof DatagramPeer<O> datagramPeer) {
            return datagramPeer;
        }
        throw new IllegalArgumentException("peer: " + peer + " (expected: one of a datagram endpoint)");
    }
}

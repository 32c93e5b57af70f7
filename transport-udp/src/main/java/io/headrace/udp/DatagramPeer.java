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

    /**
     * Sends one message as several datagrams of {@code segmentBytes} each, the last one as long as what is left. On epoll the system takes
     * up to 64 of them apart by itself (UDP_SEGMENT), for little more than the price of one; elsewhere they are sent one by one. What is encoded must
     * be a buffer, and a segment must fit the network's packets: the system refuses longer ones, which counts as {@code send_failed}. Any thread. Consumes
     * {@code message}.
     *
     * @return false when it may not be sent so much, the socket is closed or its queue is full
     * @throws IllegalArgumentException unless {@code segmentBytes} is 1 to 65,507
     */
    boolean sendSegments(O message, int segmentBytes);

    /** The peer of an exchange or a session on a datagram endpoint. */
    static <O> DatagramPeer<O> of(Peer<O> peer) {
        if (peer instanceof DatagramPeer<O> datagramPeer) {
            return datagramPeer;
        }
        throw new IllegalArgumentException("peer: " + peer + " (expected: one of a datagram endpoint)");
    }
}

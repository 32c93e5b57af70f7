package io.headrace.udp;

import io.headrace.Text;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * Who sent a datagram.
 *
 * <p>Where handlers hold no exchange, one object serves every datagram of a socket and is told each sender in turn.
 */
class UdpPeer<O> implements DatagramPeer<O> {
    final UdpLane<?, O> lane;
    private SocketAddress address;
    private SocketAddress
            localAddress; // Where its datagram came to, or null where only the socket's own address is known.
    private long allowance; // Event loop only.

    UdpPeer(UdpLane<?, O> lane, SocketAddress address, long allowance) {
        this.lane = lane;
        this.address = address;
        this.allowance = allowance;
    }

    /** Becomes the sender of the next datagram, who may be sent so many bytes for it. */
    UdpPeer<O> at(SocketAddress sender, long allowance) {
        this.address = sender;
        this.allowance = allowance;
        return this;
    }

    /** Its datagram came to this address of ours. Event loop only. */
    final void cameTo(SocketAddress local) {
        localAddress = local;
    }

    /** Allows so many more bytes to be sent. Event loop only. */
    final void allow(long bytes) {
        allowance = Math.max(allowance, allowance + bytes); // Without limit stays without limit.
    }

    /** Something came from here or went there. Event loop only. */
    void used() {}

    /** Whether nothing may be sent there any more. */
    boolean ended() {
        return false;
    }

    /** Whether so many bytes in so many datagrams may still be sent for what came from here; if so, they count as sent. Event loop only. */
    final boolean spend(int bytes, int datagrams) {
        long more = bytes + (datagrams - 1L) * ReplyLimit.HEADER_BYTES;
        if (more > allowance) {
            return false;
        }
        if (allowance != Long.MAX_VALUE) {
            allowance -= more + ReplyLimit.HEADER_BYTES;
        }
        return true;
    }

    @Override
    public final SocketAddress address() {
        return address;
    }

    @Override
    public final SocketAddress localAddress() {
        SocketAddress local = localAddress;
        return local == null ? lane.channel().localAddress() : local;
    }

    @Override
    public boolean send(O message) {
        return lane.send(this, message);
    }

    @Override
    public final boolean sendSegments(O message, int segmentBytes) {
        if (segmentBytes < 1 || segmentBytes > UdpOptions.LONGEST_BYTES) {
            throw new IllegalArgumentException(
                    "segmentBytes: " + segmentBytes + " (expected: 1 to " + UdpOptions.LONGEST_BYTES + ")");
        }
        return lane.send(this, message, segmentBytes);
    }

    @Override
    public final DatagramPeer<O> to(InetSocketAddress other) {
        return new UdpPeer<>(lane, other, Long.MAX_VALUE);
    }

    @Override
    public final String toString() {
        return Text.of(address);
    }
}

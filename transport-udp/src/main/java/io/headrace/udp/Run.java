package io.headrace.udp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * Datagrams to one peer that are sent one after another, kept back so that they go through the system as one (UDP_SEGMENT). They are
 * copied behind one another: the system takes apart only what is in one piece. All but the last are equally long. Event loop only.
 */
final class Run {
    /** As many as Linux takes apart at once, in every version that can. */
    private static final int MOST = 64;
    /** Longer ones gain little, and one that does not fit a path's MTU cannot be taken apart at all. */
    private static final int LONGEST_SEGMENT = 1_232; // The least MTU of IPv6, less its headers (RFC 8200, 5).

    /** What room is made for at first. */
    private static final int LIKELY = 16;

    private final Channel channel;
    private final SocketEnd end;
    private ByteBuf first; // Null while there is none. Not copied before there is a second.
    private ByteBuf all;
    private InetSocketAddress recipient;
    private int segmentBytes;
    private int count;
    private int most;
    private boolean complete;

    Run(Channel channel, SocketEnd end) {
        this.channel = channel;
        this.end = end;
    }

    /** Keeps it, or says that it must leave by itself; what stood before it has left then. Takes ownership of what it keeps. */
    boolean add(SocketAddress to, Object encoded) {
        if (!end.takesRuns()
                || !(encoded instanceof ByteBuf bytes)
                || !(to instanceof InetSocketAddress inet)
                || !fits(bytes)) {
            leave();
            return false;
        }
        int length = bytes.readableBytes();
        if (first != null && (complete || count == most || length > segmentBytes || !inet.equals(recipient))) {
            leave();
        }
        if (first == null) {
            begin(inet, bytes);
        } else {
            join(bytes);
        }
        return true;
    }

    private static boolean fits(ByteBuf bytes) {
        return bytes.isReadable() && bytes.readableBytes() <= LONGEST_SEGMENT;
    }

    private void begin(InetSocketAddress to, ByteBuf bytes) {
        recipient = to;
        first = bytes;
        segmentBytes = bytes.readableBytes();
        count = 1;
        most = Math.min(MOST, UdpOptions.LONGEST_BYTES / segmentBytes);
        complete = false;
    }

    private void join(ByteBuf bytes) {
        if (all == null) {
            all = channel.alloc()
                    .directBuffer(Math.min(most, LIKELY) * segmentBytes, most * segmentBytes)
                    .writeBytes(first);
            first.release();
            first = all;
        }
        complete = bytes.readableBytes() < segmentBytes;
        all.writeBytes(bytes);
        bytes.release();
        count++;
    }

    /** Lets it go to the socket's queue. */
    void leave() {
        if (first == null) {
            return;
        }
        ByteBuf bytes = first;
        InetSocketAddress to = recipient;
        first = null;
        all = null;
        recipient = null;
        end.write(count == 1 ? UdpBackend.datagram(bytes, to) : UdpBackend.segmented(bytes, segmentBytes, to));
    }
}

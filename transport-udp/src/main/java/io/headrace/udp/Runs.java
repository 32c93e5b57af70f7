package io.headrace.udp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * What one batch sends, gathered by peer: what goes to one peer keeps its order, and leaves as one {@link Run} when the batch is over.
 * Event loop only.
 */
final class Runs {
    /** Longer ones gain little, and one that does not fit a path's MTU cannot be taken apart at all. */
    private static final int LONGEST_SEGMENT = 1_232; // The least MTU of IPv6, less its headers (RFC 8200, 5).
    /** Peers at a time; with one more, all runs leave. */
    private static final int MOST_PEERS = 16;

    private final Channel channel;
    private final SocketEnd end;
    private final Run[] runs = new Run[MOST_PEERS];
    private int peers;

    Runs(Channel channel, SocketEnd end) {
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
        for (int i = 0; i < peers; i++) {
            if (runs[i].goesTo(inet)) {
                runs[i].join(bytes);
                return true;
            }
        }
        if (peers == MOST_PEERS) {
            leave();
        }
        if (runs[peers] == null) {
            runs[peers] = new Run(channel, end);
        }
        runs[peers++].begin(inet, bytes);
        return true;
    }

    private static boolean fits(ByteBuf bytes) {
        return bytes.isReadable() && bytes.readableBytes() <= LONGEST_SEGMENT;
    }

    /** Lets all go to the socket's queue. */
    void leave() {
        for (int i = 0; i < peers; i++) {
            runs[i].leave();
        }
        peers = 0;
    }
}

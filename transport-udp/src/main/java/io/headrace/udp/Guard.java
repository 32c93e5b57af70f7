package io.headrace.udp;

import io.headrace.DropReason;
import io.headrace.Line;
import java.net.SocketAddress;

/**
 * Judges datagrams next to the socket, before anything is spent on them: what a channel stage puts on a datagram line in the place of a
 * handler. Event loop only.
 */
public interface Guard {

    /** Why the datagram of this many bytes is dropped, or null where it may go on. The sender is whatever it claims to be. */
    default DropReason arriving(SocketAddress sender, int bytes) {
        return null;
    }

    /** How many bytes may go back in answer to a datagram of this many. */
    default long allowance(int requestBytes) {
        return Long.MAX_VALUE;
    }

    /** Puts a guard on the line of a datagram socket, from {@link io.headrace.ChannelStage.PerChannel#install}. */
    static void on(Line line, Guard guard) {
        ((UdpLine) line).guard(guard);
    }

    /** Two guards as one: what either drops is dropped, and the smaller allowance holds. */
    static Guard both(Guard first, Guard second) {
        return new Guard() {
            @Override
            public DropReason arriving(SocketAddress sender, int bytes) {
                DropReason reason = first.arriving(sender, bytes);
                return reason != null ? reason : second.arriving(sender, bytes);
            }

            @Override
            public long allowance(int requestBytes) {
                return Math.min(first.allowance(requestBytes), second.allowance(requestBytes));
            }
        };
    }
}

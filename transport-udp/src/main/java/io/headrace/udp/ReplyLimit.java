package io.headrace.udp;

import io.headrace.ChannelStage;
import io.headrace.Problems;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.Stage;
import io.netty.channel.socket.DatagramChannel;

/**
 * Sends nobody much more than came from there: the sender of a datagram may be forged, and a long reply to a short request would be a
 * weapon against whoever really has that address (amplification).
 *
 * <p>All that goes back for one datagram, its answer and what is sent to its {@link io.headrace.Peer}, is at most {@code times} as long
 * as the request with its 28 bytes of IP and UDP headers; each datagram after the first also costs its own 28. A session may send in all
 * so many times what came from its peer. The surplus is dropped and counted as {@code reply_limit}. What a Netty handler of your own
 * sends or makes longer is not judged.
 */
public final class ReplyLimit implements ChannelStage<DatagramChannel> {
    /** The headers of IPv4 and UDP. */
    static final int HEADER_BYTES = 28;

    private final int times;

    private ReplyLimit(int times) {
        this.times = times;
    }

    /** Three by default, as in QUIC (RFC 9000, section 8). */
    public static ReplyLimit times(int times) {
        return new ReplyLimit(times);
    }

    /** Takes the limit off: for networks where nobody can forge a sender, or protocols that have verified theirs. */
    public static Stage<DatagramChannel> off() {
        return Stage.off(ReplyLimit.class);
    }

    @Override
    public void check(Problems problems) {
        problems.expect(times >= 1, "ReplyLimit.times", times, ">= 1");
    }

    @Override
    public Slot slot() {
        return Slot.PEER;
    }

    @Override
    public PerLoop<DatagramChannel> open(Site site) {
        Guard guard = new Guard() {
            @Override
            public long allowance(int requestBytes) {
                return (long) times * (requestBytes + HEADER_BYTES);
            }
        };
        return loop -> (channel, line) -> Guard.on(line, guard);
    }

    @Override
    public String toString() {
        return "reply at most " + times + " x request";
    }
}

package io.headrace.tcp;

import io.headrace.ChannelStage;
import io.headrace.CloseReason;
import io.headrace.Connection;
import io.headrace.Problems;
import io.headrace.Progress;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.Stage;
import io.headrace.Sweep;
import io.headrace.Text;
import io.netty.channel.socket.DuplexChannel;
import java.time.Duration;

/**
 * Ends a connection whose peer sends a frame, or takes what waits for it, slower than so many bytes a second (slowloris, slow read).
 *
 * <p>Judged by real progress, and only while the peer owes some: bytes received while a frame is open, bytes that the socket took while
 * bytes wait. Nobody owes anything else, so a silent connection is the {@link IdleTimeout}'s. Each span of the grace is judged by itself:
 * a quick start does not pay for a slow end, and each new frame begins a new span. Checked by the loop's sweep, so a connection is found at
 * most a sixteenth of the grace late. Where the system's send buffer is large, its progress is seen in steps: it takes no more until
 * about a third of it is free, so set {@link TcpOptions#sendBufferBytes} to no more than a slow peer reads within the grace. Ends it as {@link CloseReason#TOO_SLOW}.
 *
 * @param bytesPerSecond either way
 * @param grace how long the rate may stay below
 */
public record MinimumRate(long bytesPerSecond, Duration grace) implements ChannelStage<DuplexChannel> {
    private static final Duration GRACE = Duration.ofSeconds(5);

    /** With a grace of 5 s. */
    public static MinimumRate of(long bytesPerSecond) {
        return new MinimumRate(bytesPerSecond, GRACE);
    }

    /** With this grace. */
    public MinimumRate grace(Duration grace) {
        return new MinimumRate(bytesPerSecond, grace);
    }

    /** Takes it off the line. */
    public static Stage<DuplexChannel> off() {
        return Stage.off(MinimumRate.class);
    }

    @Override
    public Slot slot() {
        return Slot.LIVENESS;
    }

    @Override
    public void check(Problems problems) {
        problems.expect(bytesPerSecond >= 1, "MinimumRate.bytesPerSecond", bytesPerSecond, ">= 1");
        problems.expectPositive("MinimumRate.grace", grace);
    }

    @Override
    public PerLoop<DuplexChannel> open(Site site) {
        Bound bound = new Bound(bytesPerSecond / 1e9, grace.toNanos());
        return loop -> {
            site.onStop(loop.onSweep(grace.dividedBy(16), nowNs -> {})::run); // Only for its resolution.
            return ChannelStage.late((channel, line) -> line.sweep(new Judge(bound)));
        };
    }

    @Override
    public String toString() {
        return "MinimumRate " + bytesPerSecond + " bytes/s, grace " + Text.of(grace);
    }

    private record Bound(double bytesPerNs, long graceNs) {}

    /** Of one connection. */
    private static final class Judge implements Sweep {
        private final Span receiving;
        private final Span sending;

        Judge(Bound bound) {
            receiving = new Span(bound);
            sending = new Span(bound);
        }

        @Override
        public void check(Connection<?> connection, Progress progress, long nowNs) {
            boolean slow = receiving.tooSlow(progress.frameSinceNs(), progress.receivedBytes(), nowNs);
            long waitsSinceNs = progress.pendingBytes() == 0 ? 0 : sending.sinceNs == 0 ? nowNs : sending.owedSinceNs;
            slow |= sending.tooSlow(waitsSinceNs, progress.sentBytes(), nowNs);
            if (slow) {
                connection.close(CloseReason.TOO_SLOW);
            }
        }
    }

    /** The span that is being judged, in one direction. */
    private static final class Span {
        private final Bound bound;
        private long owedSinceNs;
        private long sinceNs;
        private long bytes;

        Span(Bound bound) {
            this.bound = bound;
        }

        /** {@code owedSinceNs}: since when progress is owed, without a break; 0 when none is. */
        boolean tooSlow(long owedSinceNs, long bytesNow, long nowNs) {
            if (owedSinceNs == 0) {
                sinceNs = 0;
                return false;
            }
            if (sinceNs == 0 || owedSinceNs != this.owedSinceNs) {
                begin(owedSinceNs, bytesNow, nowNs);
                return false;
            }
            long tookNs = nowNs - sinceNs;
            if (tookNs < bound.graceNs) {
                return false;
            }
            boolean slow = bytesNow - bytes < tookNs * bound.bytesPerNs;
            begin(owedSinceNs, bytesNow, nowNs);
            return slow;
        }

        private void begin(long owedSinceNs, long bytesNow, long nowNs) {
            this.owedSinceNs = owedSinceNs;
            sinceNs = nowNs;
            bytes = bytesNow;
        }
    }
}

package io.headrace.tcp;

import io.headrace.ChannelStage;
import io.headrace.CloseReason;
import io.headrace.Connection;
import io.headrace.Problems;
import io.headrace.Progress;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.Stage;
import io.headrace.Text;
import io.netty.channel.socket.DuplexChannel;
import java.time.Duration;

/**
 * Ends each connection some time after it was opened, so that peers come back to other servers, and to new certificates.
 *
 * <p>The age of each connection is up to the jitter longer or shorter, at random, so that those which came together do not leave together.
 * It ends gracefully, after its current message: a frame that was open by then is awaited (a {@link FrameTimeout} bounds that), open
 * exchanges are answered, a session is asked as when the server drains ({@link io.headrace.Session#draining}) and closed 25 s later if it
 * has not ended. Checked by the loop's sweep, so a connection is found at most a 64th of the duration and a second late. Ends it as {@link
 * CloseReason#MAX_AGE}; a session that was asked and closed by itself has ended as {@link CloseReason#APPLICATION}.
 *
 * @param jitter a share of the duration, 0 to 1
 */
public record MaxAge(Duration duration, double jitter) implements ChannelStage<DuplexChannel> {
    private static final long PATIENCE_NS = Duration.ofSeconds(25).toNanos();
    private static final long COARSEST_NS = Duration.ofSeconds(1).toNanos();

    /** Give or take 10 %. */
    public static MaxAge of(Duration duration) {
        return new MaxAge(duration, 0.1);
    }

    /** With this jitter. */
    public MaxAge jitter(double share) {
        return new MaxAge(duration, share);
    }

    /** Takes it off the line. */
    public static Stage<DuplexChannel> off() {
        return Stage.off(MaxAge.class);
    }

    @Override
    public Slot slot() {
        return Slot.LIVENESS;
    }

    @Override
    public void check(Problems problems) {
        problems.expectPositive("MaxAge", duration);
        problems.expect(jitter >= 0 && jitter <= 1, "MaxAge.jitter", jitter, "0 to 1");
    }

    @Override
    public PerLoop<DuplexChannel> open(Site site) {
        long resolutionNs = Math.min(duration.dividedBy(64).toNanos(), COARSEST_NS);
        return loop -> {
            loop.sweep(Duration.ofNanos(resolutionNs), (connection, progress, nowNs) -> {
                long overNs = nowNs - progress.openedNs() - limitNs(connection);
                if (overNs >= PATIENCE_NS) {
                    connection.close(CloseReason.MAX_AGE);
                } else if (overNs >= 0 && !inMidMessage(progress, nowNs - overNs + resolutionNs)) {
                    connection.drain(CloseReason.MAX_AGE);
                }
            });
            return ChannelStage.nothing();
        };
    }

    /** Random, and the same each time it is asked: no connection has to remember it. */
    private long limitNs(Connection<?> connection) {
        int random = System.identityHashCode(connection) * 0x9E3779B9; // Spread over all the bits: HotSpot's has 31.
        return (long) (duration.toNanos() * (1 + jitter * random / 0x1p31));
    }

    /** Whether the frame that is open had begun by then; a sweep stamps it. */
    private static boolean inMidMessage(Progress progress, long byNs) {
        return progress.frameSinceNs() != 0 && progress.frameSinceNs() - byNs <= 0;
    }

    @Override
    public String toString() {
        return "MaxAge " + Text.of(duration) + " +-" + Math.round(jitter * 100) + " %";
    }
}

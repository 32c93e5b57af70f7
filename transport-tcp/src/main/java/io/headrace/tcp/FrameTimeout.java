package io.headrace.tcp;

import io.headrace.ChannelStage;
import io.headrace.CloseReason;
import io.headrace.Problems;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.Stage;
import io.headrace.Text;
import io.netty.channel.socket.DuplexChannel;
import java.time.Duration;

/**
 * Ends a connection whose peer has begun a frame and not finished it for so long, however steadily it drips.
 *
 * <p>Checked by the loop's sweep, so a connection is found at most a sixteenth of the duration late. Ends it as {@link
 * CloseReason#FRAME_TIMEOUT}.
 */
public record FrameTimeout(Duration duration) implements ChannelStage<DuplexChannel> {

    public static FrameTimeout after(Duration duration) {
        return new FrameTimeout(duration);
    }

    /** Takes the default off the line. */
    public static Stage<DuplexChannel> off() {
        return Stage.off(FrameTimeout.class);
    }

    @Override
    public Slot slot() {
        return Slot.LIVENESS;
    }

    @Override
    public void check(Problems problems) {
        problems.expectPositive("FrameTimeout", duration);
    }

    @Override
    public PerLoop<DuplexChannel> open(Site site) {
        long limitNs = duration.toNanos();
        return loop -> {
            loop.sweep(duration.dividedBy(16), (connection, progress, nowNs) -> {
                if (progress.frameSinceNs() != 0 && nowNs - progress.frameSinceNs() >= loop.patience(limitNs)) {
                    connection.close(CloseReason.FRAME_TIMEOUT);
                }
            });
            return ChannelStage.nothing();
        };
    }

    @Override
    public String toString() {
        return "FrameTimeout " + Text.of(duration);
    }
}

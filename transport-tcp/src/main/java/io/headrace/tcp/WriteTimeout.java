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
 * Ends a connection toward which bytes wait and whose socket has taken none for so long: real progress counts, not promises.
 *
 * <p>Checked by the loop's sweep, so a connection is found at most a sixteenth of the duration late. Ends it as {@link
 * CloseReason#WRITE_STALLED}.
 */
public record WriteTimeout(Duration duration) implements ChannelStage<DuplexChannel> {

    public static WriteTimeout after(Duration duration) {
        return new WriteTimeout(duration);
    }

    /** Takes the default off the line. */
    public static Stage<DuplexChannel> off() {
        return Stage.off(WriteTimeout.class);
    }

    @Override
    public Slot slot() {
        return Slot.LIVENESS;
    }

    @Override
    public void check(Problems problems) {
        problems.expectPositive("WriteTimeout", duration);
    }

    @Override
    public PerLoop<DuplexChannel> open(Site site) {
        long limitNs = duration.toNanos();
        return loop -> {
            loop.sweep(duration.dividedBy(16), (connection, progress, nowNs) -> {
                if (progress.stalledSinceNs() != 0 && nowNs - progress.stalledSinceNs() >= loop.patience(limitNs)) {
                    connection.close(CloseReason.WRITE_STALLED);
                }
            });
            return ChannelStage.nothing();
        };
    }

    @Override
    public String toString() {
        return "WriteTimeout " + Text.of(duration);
    }
}

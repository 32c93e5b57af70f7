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
 * Ends a connection on which no byte has gone either way for so long.
 *
 * <p>Checked by the loop's sweep, so a connection is found at most a sixteenth of the duration late. Ends it as {@link
 * CloseReason#IDLE_TIMEOUT}.
 */
public record IdleTimeout(Duration duration) implements ChannelStage<DuplexChannel> {

    public static IdleTimeout after(Duration duration) {
        return new IdleTimeout(duration);
    }

    /** Takes the default off the line. */
    public static Stage<DuplexChannel> off() {
        return Stage.off(IdleTimeout.class);
    }

    @Override
    public Slot slot() {
        return Slot.LIVENESS;
    }

    @Override
    public void check(Problems problems) {
        problems.expectPositive("IdleTimeout", duration);
    }

    @Override
    public PerLoop<DuplexChannel> open(Site site) {
        long limitNs = duration.toNanos();
        return loop -> {
            loop.sweep(duration.dividedBy(16), (connection, progress, nowNs) -> {
                if (nowNs - Math.max(progress.lastReceivedNs(), progress.lastSentNs()) >= loop.patience(limitNs)) {
                    connection.close(CloseReason.IDLE_TIMEOUT);
                }
            });
            return ChannelStage.nothing();
        };
    }

    @Override
    public String toString() {
        return "IdleTimeout " + Text.of(duration);
    }
}

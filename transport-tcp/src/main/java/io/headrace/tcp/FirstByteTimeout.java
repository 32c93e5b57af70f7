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
 * Ends a connection on which no byte has gone either way since it was opened.
 *
 * <p>Checked by the loop's sweep, so a connection is found at most a sixteenth of the duration late. Ends it as {@link
 * CloseReason#FIRST_BYTE_TIMEOUT}.
 */
public record FirstByteTimeout(Duration duration) implements ChannelStage<DuplexChannel> {

    public static FirstByteTimeout after(Duration duration) {
        return new FirstByteTimeout(duration);
    }

    /** Takes the default off the line. */
    public static Stage<DuplexChannel> off() {
        return Stage.off(FirstByteTimeout.class);
    }

    @Override
    public Slot slot() {
        return Slot.LIVENESS;
    }

    @Override
    public void check(Problems problems) {
        problems.expectPositive("FirstByteTimeout", duration);
    }

    @Override
    public PerLoop<DuplexChannel> open(Site site) {
        long limitNs = duration.toNanos();
        return loop -> {
            loop.sweep(duration.dividedBy(16), (connection, progress, nowNs) -> {
                if (progress.receivedBytes() == 0
                        && progress.sentBytes() == 0
                        && nowNs - progress.openedNs() >= loop.patience(limitNs)) {
                    connection.close(CloseReason.FIRST_BYTE_TIMEOUT);
                }
            });
            return ChannelStage.nothing();
        };
    }

    @Override
    public String toString() {
        return "FirstByteTimeout " + Text.of(duration);
    }
}

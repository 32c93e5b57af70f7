package io.headrace.tcp;

import io.headrace.ChannelStage;
import io.headrace.Problems;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.Stage;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DuplexChannel;

/**
 * Bounds the queue toward a peer that does not read from us, and stops reading from it meanwhile.
 *
 * <p>Over the high mark its input is not read; under the low mark it is again. While more than the cap waits, {@code send} refuses.
 * Replies are not refused: they are bounded by the open exchanges.
 */
public record WriteMarks(int lowBytes, int highBytes, long capBytes) implements ChannelStage<DuplexChannel> {

    /** With a cap of sixteen times the high mark. */
    public static WriteMarks of(int lowBytes, int highBytes) {
        return new WriteMarks(lowBytes, highBytes, 16L * highBytes);
    }

    /** Takes the default off the line: Netty's own marks, no cap. */
    public static Stage<DuplexChannel> off() {
        return Stage.off(WriteMarks.class);
    }

    /** With this cap. */
    public WriteMarks cap(long capBytes) {
        return new WriteMarks(lowBytes, highBytes, capBytes);
    }

    @Override
    public Slot slot() {
        return Slot.PRESSURE;
    }

    @Override
    public void check(Problems problems) {
        problems.expect(lowBytes >= 1, "WriteMarks.lowBytes", lowBytes, ">= 1");
        problems.expect(highBytes >= lowBytes, "WriteMarks.highBytes", highBytes, ">= lowBytes " + lowBytes);
        problems.expect(capBytes >= highBytes, "WriteMarks.capBytes", capBytes, ">= highBytes " + highBytes);
    }

    @Override
    public PerLoop<DuplexChannel> open(Site site) {
        WriteBufferWaterMark marks = new WriteBufferWaterMark(lowBytes, highBytes);
        return loop -> ChannelStage.late((channel, line) -> {
            channel.config().setWriteBufferWaterMark(marks);
            StreamConnection.of(line).outflow().cap(capBytes);
        });
    }

    @Override
    public String toString() {
        return "WriteMarks " + lowBytes + "/" + highBytes + " cap " + capBytes;
    }
}

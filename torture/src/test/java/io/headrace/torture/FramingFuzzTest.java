package io.headrace.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.headrace.ChannelStage;
import io.headrace.CloseReason;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.tcp.Framing;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/**
 * Row B15: whatever comes, a framing gives frames within its maximum or one reason to end, leaves no buffer open, and does not care how the
 * network split the bytes.
 *
 * <p>The build replays the inputs beside it; {@code JAZZER_FUZZ=1} looks for new ones (CONTRIBUTING.md).
 */
class FramingFuzzTest {
    private static final int MAX_PIECES = 16;

    private static void check(Framing framing, int maxBytes, FuzzedDataProvider data) {
        int[] pieces = new int[data.consumeInt(0, MAX_PIECES)];
        for (int i = 0; i < pieces.length; i++) {
            pieces[i] = data.consumeInt(0, 64);
        }
        check(framing, maxBytes, data.consumeRemainingAsBytes(), pieces);
    }

    private static void check(ChannelStage<DuplexChannel> framing, int maxBytes, byte[] input, int... pieces) {
        Cut whole = Cut.of(framing, input);
        assertThat(Cut.of(framing, input, pieces)).as("split").isEqualTo(whole);
        assertThat(whole.frames())
                .allSatisfy(frame -> assertThat(frame.length() / 2).isLessThanOrEqualTo(maxBytes));
        if (whole.violation() != null) {
            assertThat(whole.violation()).isIn(CloseReason.FRAME_TOO_LARGE, CloseReason.FRAME_MALFORMED);
        }
    }

    /** Lines by somebody who has forgotten that a read may end in the middle of one. */
    private static final class Forgetful extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            for (int end; (end = bytes.bytesBefore((byte) '\n')) >= 0; ) {
                ctx.fireChannelRead(bytes.readRetainedSlice(end));
                bytes.skipBytes(1);
            }
            bytes.release(); // And what was left with it.
        }
    }

    @Row("B15")
    @Test
    void aPlantedMistakeIsFound() {
        ChannelStage<DuplexChannel> forgetful = new ChannelStage<>() {
            @Override
            public Slot slot() {
                return Slot.FRAMING;
            }

            @Override
            public PerLoop<DuplexChannel> open(Site site) {
                return loop -> (channel, line) -> line.add("forgetful", new Forgetful());
            }
        };
        byte[] lines = "ab\ncd\n".getBytes(StandardCharsets.US_ASCII);
        check(forgetful, 24, lines, 3); // Between two lines, nobody sees it.
        assertThatThrownBy(() -> check(forgetful, 24, lines, 4))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("split");
        check(Framing.lines(24), 24, lines, 4);
    }

    @Row("B15")
    @FuzzTest(maxDuration = "20s")
    void lines(FuzzedDataProvider data) {
        check(Framing.lines(24), 24, data);
    }

    @Row("B15")
    @FuzzTest(maxDuration = "20s")
    void delimited(FuzzedDataProvider data) {
        String[] delimiters = {"\r\n", "aab", "::", "\0", "abcabcabd"};
        check(Framing.delimiter(data.pickValue(delimiters), 24), 24, data);
    }

    @Row("B15")
    @FuzzTest(maxDuration = "20s")
    void lengthPrefixed(FuzzedDataProvider data) {
        check(Framing.lengthPrefixed(data.consumeInt(1, 4), 200), 200, data);
    }

    @Row("B15")
    @FuzzTest(maxDuration = "20s")
    void fixed(FuzzedDataProvider data) {
        int size = data.consumeInt(1, 32);
        check(Framing.fixed(size), size, data);
    }
}

package io.headrace.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.headrace.Codec;
import io.headrace.MalformedMessageException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Row B15 of the torture list for codecs that are not Headrace's own: whatever a frame holds, they give a message or say that it is
 * malformed, let go of the frame, and do not care how it lies in memory.
 */
class CodecsFuzzTest {
    private static final PooledByteBufAllocator MEMORY = PooledByteBufAllocator.DEFAULT;
    private static final int MAX_PIECES = 8;

    /** What it makes of the frame, in words. Takes ownership. */
    private static String outcome(Codec<?, ?> codec, ByteBuf frame) throws Exception {
        try {
            return String.valueOf(codec.receive(frame));
        } catch (MalformedMessageException refused) {
            return "malformed";
        } finally {
            assertThat(frame.refCnt()).isZero();
        }
    }

    private static ByteBuf whole(byte[] bytes) {
        return MEMORY.directBuffer().writeBytes(bytes);
    }

    /** Behind other bytes, and before some. */
    private static ByteBuf within(byte[] bytes) {
        ByteBuf more = MEMORY.directBuffer().writeLong(-1).writeBytes(bytes).writeLong(-1);
        return more.setIndex(8, 8 + bytes.length);
    }

    private static ByteBuf inPieces(byte[] bytes, int... pieces) {
        CompositeByteBuf all = MEMORY.compositeDirectBuffer(MAX_PIECES + 1);
        int at = 0;
        for (int piece : pieces) {
            int end = Math.min(bytes.length, at + piece);
            all.addComponent(true, whole(Arrays.copyOfRange(bytes, at, end)));
            at = end;
        }
        return all.addComponent(true, whole(Arrays.copyOfRange(bytes, at, bytes.length)));
    }

    private static void check(Codec<?, ?> codec, FuzzedDataProvider data) throws Exception {
        int[] pieces = new int[data.consumeInt(0, MAX_PIECES)];
        for (int i = 0; i < pieces.length; i++) {
            pieces[i] = data.consumeInt(0, 16);
        }
        check(codec, data.consumeRemainingAsBytes(), pieces);
    }

    private static void check(Codec<?, ?> codec, byte[] bytes, int... pieces) throws Exception {
        String whole = outcome(codec, whole(bytes));
        assertThat(outcome(codec, within(bytes))).as("within other bytes").isEqualTo(whole);
        assertThat(outcome(codec, inPieces(bytes, pieces))).as("in pieces").isEqualTo(whole);
    }

    @FuzzTest(maxDuration = "20s")
    void statsd(FuzzedDataProvider data) throws Exception {
        check(new StatsdCodec(), data);
    }

    @FuzzTest(maxDuration = "20s")
    void orders(FuzzedDataProvider data) throws Exception {
        check(new OrderCodec(), data);
    }

    /** Its names come from anybody, too. */
    @FuzzTest(maxDuration = "20s")
    void totals(byte[] datagram) {
        StatsdTotals totals = new StatsdTotals();
        String text = new String(datagram, StandardCharsets.UTF_8);
        totals.add(text);
        List<String> lines = totals.take();
        assertThat(lines).hasSizeLessThanOrEqualTo((int) text.lines().count()).noneMatch(line -> line.length() > 2_000);
        assertThat(totals.take()).isEmpty();
    }

    /** A sample that goes out comes in again. */
    @Test
    void aSampleSurvivesBothWays() throws Exception {
        StatsdCodec codec = new StatsdCodec();
        StatsdCodec.Sample sample = new StatsdCodec.Sample("requests", -3, "ms");
        assertThat(codec.receive(codec.transmit(sample, MEMORY))).isEqualTo(sample);
    }

    /** A mistake that is easily made: the first piece is taken for all of it. */
    private static final class FirstPieceOnly implements Codec<String, String> {
        @Override
        public String decode(ByteBuf frame) {
            return StandardCharsets.US_ASCII.decode(frame.nioBuffers()[0]).toString();
        }

        @Override
        public void encode(String message, ByteBuf out) {}
    }

    @Test
    void aPlantedMistakeIsFound() throws Exception {
        byte[] bytes = "requests:3|c".getBytes(StandardCharsets.US_ASCII);
        check(new FirstPieceOnly(), bytes);
        assertThatThrownBy(() -> check(new FirstPieceOnly(), bytes, 3))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("in pieces");
        check(new StatsdCodec(), bytes, 3);
    }
}

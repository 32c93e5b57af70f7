package io.headrace.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.headrace.Codec;
import io.headrace.MalformedMessageException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * Row B15 for codecs: whatever a frame holds, they give a message that goes out as it came in, or say that it is malformed, and do not care how
 * it lies in memory. Those of the samples are {@code CodecsFuzzTest}'s.
 */
class CodecFuzzTest {
    private static final PooledByteBufAllocator MEMORY = PooledByteBufAllocator.DEFAULT;

    private static <M> void check(Codec<M, M> codec, byte[] input) throws Exception {
        byte[] whole = thereAndBack(codec, whole(input));
        assertThat(whole).isIn(null, input);
        assertThat(thereAndBack(codec, within(input))).as("within other bytes").isEqualTo(whole);
        for (int piece : new int[] {1, 3, Math.max(1, input.length / 2)}) {
            assertThat(thereAndBack(codec, inPieces(input, piece)))
                    .as("in pieces of %d", piece)
                    .isEqualTo(whole);
        }
    }

    /** What goes out for what came in; null where that is malformed. Takes ownership. */
    private static <M> byte[] thereAndBack(Codec<M, M> codec, ByteBuf frame) throws Exception {
        M message;
        try {
            message = codec.receive(frame); // Takes the frame, whatever happens.
        } catch (MalformedMessageException refused) {
            return null;
        } finally {
            assertThat(frame.refCnt()).isZero();
        }
        ByteBuf out = (ByteBuf) codec.transmit(message, MEMORY);
        try {
            return ByteBufUtil.getBytes(out);
        } finally {
            out.release();
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

    private static ByteBuf inPieces(byte[] bytes, int pieceBytes) {
        CompositeByteBuf all = MEMORY.compositeDirectBuffer(Math.max(2, bytes.length + 1));
        for (int at = 0; at < bytes.length; at += pieceBytes) {
            all.addComponent(true, whole(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + pieceBytes))));
        }
        return all;
    }

    /** A mistake that is easily made: the first piece is taken for all of it. */
    private static final class FirstPieceOnly implements Codec<String, String> {
        @Override
        public String decode(ByteBuf frame) {
            return StandardCharsets.US_ASCII.decode(frame.nioBuffers()[0]).toString();
        }

        @Override
        public void encode(String message, ByteBuf out) {
            out.writeCharSequence(message, StandardCharsets.US_ASCII);
        }
    }

    @Row("B15")
    @Test
    void aPlantedMistakeIsFound() {
        assertThatThrownBy(() -> check(new FirstPieceOnly(), new byte[] {'a', 'b'}))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("in pieces of 1");
    }

    @Row("B15")
    @FuzzTest(maxDuration = "20s")
    void utf8(byte[] input) throws Exception {
        check(Codec.utf8(), input);
    }

    @Row("B15")
    @FuzzTest(maxDuration = "20s")
    void bytes(byte[] input) throws Exception {
        check(Codec.bytes(), input);
    }
}

package io.headrace.torture;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.headrace.Codec;
import io.headrace.MalformedMessageException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;

/** Row B15 for codecs: whatever a frame holds, they give a message that goes out as it came in, or say that it is malformed. */
class CodecFuzzTest {

    private static <M> void check(Codec<M, M> codec, byte[] input) throws Exception {
        ByteBuf frame = PooledByteBufAllocator.DEFAULT.directBuffer();
        M message;
        try {
            message = codec.receive(frame.writeBytes(input)); // Takes the frame, whatever happens.
        } catch (MalformedMessageException refused) {
            return;
        } finally {
            assertThat(frame.refCnt()).isZero();
        }
        ByteBuf out = (ByteBuf) codec.transmit(message, PooledByteBufAllocator.DEFAULT);
        try {
            assertThat(ByteBufUtil.getBytes(out)).isEqualTo(input);
        } finally {
            out.release();
        }
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

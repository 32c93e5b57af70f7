package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CodecTest {
    private static final ByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;

    private static <O> String transmitted(Codec<?, O> codec, O message) throws Exception {
        ByteBuf out = (ByteBuf) codec.transmit(message, ALLOCATOR);
        try {
            return out.toString(StandardCharsets.UTF_8);
        } finally {
            out.release();
        }
    }

    // ---- UTF-8

    @Test
    void utf8DecodesText() throws Exception {
        assertThat(Codec.utf8().receive(Buffers.of("grüße, 水, 🙂"))).isEqualTo("grüße, 水, 🙂");
    }

    @Test
    void utf8EncodesText() throws Exception {
        assertThat(transmitted(Codec.utf8(), "grüße, 水, 🙂")).isEqualTo("grüße, 水, 🙂");
    }

    @Test
    void anEmptyFrameIsAnEmptyText() throws Exception {
        assertThat(Codec.utf8().receive(Buffers.of(""))).isEmpty();
    }

    static Stream<Arguments> malformed() {
        return Stream.of(
                Arguments.of("continuation without a start", new int[] {'a', 0x80}),
                Arguments.of("start without a continuation", new int[] {0xC3, 'a'}),
                Arguments.of("cut after one of two", new int[] {'a', 0xC3}),
                Arguments.of("cut after two of three", new int[] {0xE6, 0xB0}),
                Arguments.of("cut after three of four", new int[] {0xF0, 0x9F, 0x99}),
                Arguments.of("overlong slash in two", new int[] {0xC0, 0xAF}),
                Arguments.of("overlong slash in three", new int[] {0xE0, 0x80, 0xAF}),
                Arguments.of("overlong slash in four", new int[] {0xF0, 0x80, 0x80, 0xAF}),
                Arguments.of("overlong zero", new int[] {0xC0, 0x80}),
                Arguments.of("high surrogate", new int[] {0xED, 0xA0, 0x80}),
                Arguments.of("low surrogate", new int[] {0xED, 0xB0, 0x80}),
                Arguments.of("surrogate pair", new int[] {0xED, 0xA0, 0xBD, 0xED, 0xB9, 0x82}),
                Arguments.of("beyond U+10FFFF", new int[] {0xF4, 0x90, 0x80, 0x80}),
                Arguments.of("five bytes", new int[] {0xF8, 0x88, 0x80, 0x80, 0x80}),
                Arguments.of("never a byte of UTF-8", new int[] {0xFF}),
                Arguments.of("malformed beside a real U+FFFD", new int[] {0xEF, 0xBF, 0xBD, 0xFF}));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformed")
    void malformedUtf8IsRefused(String what, int[] bytes) {
        assertThatThrownBy(() -> Codec.utf8().receive(Buffers.of(bytes)))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessage("malformed UTF-8");
    }

    @Test
    void aReplacementCharacterThatWasSentIsText() throws Exception {
        assertThat(Codec.utf8().receive(Buffers.of(0xEF, 0xBF, 0xBD))).isEqualTo("\uFFFD");
    }

    @Test
    void decodingDoesNotDependOnWhereTheFrameStands() throws Exception {
        ByteBuf frames = Buffers.of("xx\uFFFDyy");
        ByteBuf frame = frames.retainedSlice(2, 3);
        frames.release();
        assertThat(Codec.utf8().receive(frame)).isEqualTo("\uFFFD");
    }

    @Test
    void aMalformedMessageHasNoStackTrace() {
        assertThat(new MalformedMessageException("why").getStackTrace()).isEmpty();
    }

    // ---- bytes

    @Test
    void bytesAreCopied() throws Exception {
        assertThat(Codec.bytes().receive(Buffers.of(1, 2, 3))).containsExactly(1, 2, 3);
    }

    @Test
    void bytesAreSent() throws Exception {
        assertThat(transmitted(Codec.bytes(), new byte[] {'a', 'b'})).isEqualTo("ab");
    }

    // ---- raw

    @Test
    void rawPassesTheBufferItself() throws Exception {
        ByteBuf bytes = Buffers.of("a");
        assertThat(Codec.raw().receive(bytes)).isSameAs(bytes);
        assertThat(Codec.raw().transmit(bytes, ALLOCATOR)).isSameAs(bytes);
        bytes.release();
    }

    @Test
    void rawSendsTextAsUtf8() throws Exception {
        assertThat(transmitted(Codec.raw(), new StringBuilder("grüße"))).isEqualTo("grüße");
    }

    @Test
    void rawSendsByteArrays() throws Exception {
        assertThat(transmitted(Codec.raw(), new byte[] {'a', 'b'})).isEqualTo("ab");
    }

    @Test
    void rawSaysToAddACodecForAnythingElse() {
        assertThatThrownBy(() -> Codec.raw().transmit(42, ALLOCATOR))
                .hasMessage("message: java.lang.Integer (expected: a buffer, a byte[] or text; add a codec)");
    }

    @Test
    void rawSaysToAddACodecForNull() {
        assertThatThrownBy(() -> Codec.raw().transmit(null, ALLOCATOR))
                .hasMessage("message: null (expected: a buffer, a byte[] or text; add a codec)");
    }

    @Test
    void aLineThatMakesObjectsNeedsToSayWhich() {
        assertThatThrownBy(() -> Codec.utf8().receive("made by a handler"))
                .hasMessage(
                        "message: java.lang.String (expected: a buffer; add codec(Codec.none(In.class, Out.class)))");
    }

    // ---- none

    @Test
    void noneTakesWhatTheLineMakes() throws Exception {
        assertThat(Codec.none(String.class, Integer.class).receive("made by a handler"))
                .isEqualTo("made by a handler");
    }

    @Test
    void noneNamesTheClassThatCame() {
        assertThatThrownBy(() -> Codec.none(String.class, Integer.class).receive(1L))
                .hasMessage(
                        "message: java.lang.Long (expected: a java.lang.String; put a stage in FRAMING that makes it)");
    }

    @Test
    void noneReleasesWhatItRefuses() {
        ByteBuf bytes = Buffers.of("a");
        assertThatThrownBy(() -> Codec.none(String.class, Integer.class).receive(bytes))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(bytes.refCnt()).isZero();
    }

    // ---- a codec of one's own

    /** Only the two methods that have to be there. */
    private static final class Own implements Codec<String, ByteBuf> {
        @Override
        public String decode(ByteBuf bytes) throws MalformedMessageException {
            throw new MalformedMessageException("nonsense");
        }

        @Override
        public void encode(ByteBuf message, ByteBuf out) {
            if (!message.isReadable()) {
                throw new IllegalArgumentException("empty");
            }
            out.writeBytes(message);
        }
    }

    @Test
    void aFrameIsReleasedWhenItCannotBeDecoded() {
        ByteBuf frame = Buffers.of("a");
        assertThatThrownBy(() -> new Own().receive(frame)).isInstanceOf(MalformedMessageException.class);
        assertThat(frame.refCnt()).isZero();
    }

    @Test
    void aMessageIsReleasedOnceItIsEncoded() throws Exception {
        ByteBuf message = Buffers.of("a");
        assertThat(transmitted(new Own(), message)).isEqualTo("a");
        assertThat(message.refCnt()).isZero();
    }

    @Test
    void aMessageIsReleasedWhenItCannotBeEncoded() {
        ByteBuf message = Buffers.of("");
        assertThatThrownBy(() -> new Own().transmit(message, ALLOCATOR)).hasMessage("empty");
        assertThat(message.refCnt()).isZero();
    }
}

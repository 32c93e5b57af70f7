package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.CloseReason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.EncoderException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Framings without a socket: what they cut, what they refuse, what they put around a message. */
class FramingTest {
    private static final int MAX = 64;

    private final List<FakeLine> lines = new ArrayList<>();

    private FakeLine line(Frames frames) {
        FakeLine line = new FakeLine(frames);
        lines.add(line);
        return line;
    }

    private static Frames lines() {
        return new Delimited(new byte[] {'\n'}, true, MAX);
    }

    private static Frames delimited(String delimiter) {
        return new Delimited(delimiter.getBytes(StandardCharsets.US_ASCII), false, MAX);
    }

    @AfterEach
    void everythingIsReleased() {
        lines.forEach(FakeLine::close);
    }

    // ---- the same frames however the network splits the bytes

    /** A framing, and a frame for it out of any payload without CR and LF and semicolon. */
    private record Sample(Frames frames, boolean everySize) {
        ByteBuf framed(byte[] payload) {
            ByteBuf bytes = Unpooled.buffer();
            ByteBuf body = Unpooled.wrappedBuffer(payload);
            frames.open(body, bytes);
            bytes.writeBytes(body);
            frames.close(bytes);
            return bytes;
        }

        @Override
        public String toString() {
            return frames.toString();
        }
    }

    static Stream<Sample> samples() {
        return Stream.of(
                new Sample(lines(), true),
                new Sample(delimited("\r\n"), true),
                new Sample(delimited(";;;"), true),
                new Sample(delimited("\r\n.\r\n"), true),
                new Sample(new LengthPrefixed(1, MAX), true),
                new Sample(new LengthPrefixed(2, MAX), true),
                new Sample(new LengthPrefixed(3, MAX), true),
                new Sample(new LengthPrefixed(4, MAX), true),
                new Sample(new FixedSize(7), false));
    }

    private static byte[] payload(Random random, int size) {
        byte[] payload = new byte[size];
        for (int i = 0; i < size; i++) {
            payload[i] = (byte) ('a' + random.nextInt(26));
        }
        return payload;
    }

    @ParameterizedTest
    @MethodSource("samples")
    void anySplitGivesTheSameFrames(Sample sample) {
        Random random = new Random(42);
        for (int round = 0; round < 200; round++) {
            List<String> expected = new ArrayList<>();
            ByteBuf all = Unpooled.buffer();
            for (int i = 0; i < 20; i++) {
                byte[] payload = payload(random, sample.everySize ? random.nextInt(MAX + 1) : 7);
                expected.add(new String(payload, StandardCharsets.US_ASCII));
                all.writeBytes(sample.framed(payload));
            }
            int largest = round == 0 ? 1 : round == 1 ? all.readableBytes() : 1 + random.nextInt(100);
            FakeLine line = line(sample.frames);
            while (all.isReadable()) {
                int size = round < 2 ? largest : 1 + random.nextInt(largest);
                line.read(ByteBufUtil.getBytes(all.readSlice(Math.min(size, all.readableBytes()))));
            }
            assertThat(line.frames()).as("round %d of seed 42", round).isEqualTo(expected);
            assertThat(line.violation).isNull();
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void garbageNeverGivesMoreThanTheMaximum(Sample sample) {
        Random random = new Random(43);
        for (int round = 0; round < 300; round++) {
            byte[] garbage = new byte[500];
            random.nextBytes(garbage);
            for (int i = 0; i < 20; i++) { // So that some of it is a frame.
                garbage[random.nextInt(garbage.length)] = "\r\n;.\0\7".getBytes(StandardCharsets.US_ASCII)[i % 6];
            }
            FakeLine whole = line(sample.frames);
            whole.read(garbage);
            FakeLine dripped = line(sample.frames);
            for (byte one : garbage) {
                dripped.read(new byte[] {one});
            }
            assertThat(dripped.frames()).as("round %d of seed 43", round).isEqualTo(whole.frames());
            assertThat(dripped.violation).isEqualTo(whole.violation);
            assertThat(whole.frames())
                    .allSatisfy(frame -> assertThat(frame.length()).isLessThanOrEqualTo(MAX));
        }
    }

    // ---- the maximum

    @Test
    void aLineOfTheMaximumPassesAndOneByteMoreDoesNot() {
        String largest = "x".repeat(MAX);
        FakeLine line = line(lines());
        line.read(largest + "\n" + largest + "\r\n");
        assertThat(line.frames()).containsExactly(largest, largest);
        line.read("x" + largest + "\n");
        assertThat(line.violation).isEqualTo(CloseReason.FRAME_TOO_LARGE);
        assertThat(line.detail).isEqualTo("frame: 65 bytes (expected: <= 64)");
    }

    @Test
    void aLineWithoutAnEndIsRefusedWhenItCanOnlyBeTooLarge() {
        FakeLine line = line(lines());
        line.read("x".repeat(MAX));
        line.read("\r"); // May still be its end.
        assertThat(line.violation).isNull();
        line.read("x");
        assertThat(line.violation).isEqualTo(CloseReason.FRAME_TOO_LARGE);
    }

    @Test
    void aDelimiterThatHasBegunIsNotCounted() {
        FakeLine line = line(delimited("\r\n.\r\n"));
        line.read("x".repeat(MAX) + "\r\n.\r");
        assertThat(line.violation).isNull();
        line.read("\n");
        assertThat(line.frames()).containsExactly("x".repeat(MAX));
        line.read("x".repeat(MAX) + "\r\n.\r");
        line.read("x");
        assertThat(line.violation).isEqualTo(CloseReason.FRAME_TOO_LARGE);
    }

    @Test
    void aLengthIsJudgedBeforeItsBytesCome() {
        for (int prefixBytes = 1; prefixBytes <= 4; prefixBytes++) {
            FakeLine fits = line(new LengthPrefixed(prefixBytes, MAX));
            fits.read(prefix(prefixBytes, MAX));
            assertThat(fits.violation).isNull();
            FakeLine tooLarge = line(new LengthPrefixed(prefixBytes, MAX));
            tooLarge.read(prefix(prefixBytes, MAX + 1));
            assertThat(tooLarge.violation).isEqualTo(CloseReason.FRAME_TOO_LARGE);
        }
    }

    private static byte[] prefix(int bytes, long length) {
        byte[] prefix = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            prefix[i] = (byte) (length >> 8 * (bytes - 1 - i));
        }
        return prefix;
    }

    @Test
    void lengthsThatLookNegativeAreLarge() {
        for (long length : new long[] {0x7FFF_FFFFL, 0x8000_0000L, 0xFFFF_FFFFL, 0xFFFF_FFC0L}) {
            FakeLine line = line(new LengthPrefixed(4, 1 << 30));
            line.read(prefix(4, length));
            assertThat(line.violation).as("%x", length).isEqualTo(CloseReason.FRAME_TOO_LARGE);
            assertThat(line.detail).isEqualTo("frame: " + length + " bytes (expected: <= 1073741824)");
        }
    }

    @Test
    void memoryGrowsWithWhatCameNotWithWhatWasAnnounced() {
        FakeLine line = line(new LengthPrefixed(4, 1 << 30));
        long before = PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
        line.read(prefix(4, 1 << 30));
        line.read("x".repeat(100));
        assertThat(line.violation).isNull();
        assertThat(PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory() - before)
                .isLessThanOrEqualTo(4 * 1_024 * 1_024); // One chunk of the pool.
    }

    // ---- what is in a frame

    @Test
    void emptyFramesAreFrames() {
        FakeLine line = line(lines());
        line.read("\n\r\n\n");
        assertThat(line.frames()).containsExactly("", "", "");
        FakeLine prefixed = line(new LengthPrefixed(2, MAX));
        prefixed.read(new byte[] {0, 0, 0, 0, 0, 1, 'x'});
        assertThat(prefixed.frames()).containsExactly("", "", "x");
    }

    @Test
    void onlyOneCarriageReturnBelongsToTheEndOfALine() {
        FakeLine line = line(lines());
        line.read("one\r\r\ntwo\rthree\n\rfour\n\r\r\n");
        assertThat(line.frames()).containsExactly("one\r", "two\rthree", "\rfour", "\r");
    }

    @Test
    void aDelimiterKeepsCarriageReturns() {
        FakeLine line = line(delimited("\n"));
        line.read("one\r\ntwo\n");
        assertThat(line.frames()).containsExactly("one\r", "two");
    }

    @Test
    void aDelimiterThatRepeatsItselfIsFoundAtItsFirstPlace() {
        FakeLine line = line(delimited(";;"));
        line.read("one;;;two;;");
        assertThat(line.frames()).containsExactly("one", ";two");
        FakeLine dripped = line(delimited(";;"));
        for (char one : "one;;;two;;".toCharArray()) {
            dripped.read("" + one);
        }
        assertThat(dripped.frames()).containsExactly("one", ";two");
    }

    @Test
    void anythingButTheDelimiterPasses() {
        FakeLine line = line(lines());
        line.read("\0\7\u001b[31m\n");
        assertThat(line.frames()).containsExactly("\0\7\u001b[31m");
    }

    // ---- what it costs

    @Test
    void noByteIsSearchedTwice() {
        int size = 16 * 1_024;
        Frames frames = new Delimited(new byte[] {'\n'}, true, size);
        CountingFrames counted = new CountingFrames(frames);
        FakeLine line = line(counted);
        for (int i = 0; i < size; i++) {
            line.read("x");
        }
        line.read("\n");
        assertThat(line.frames()).hasSize(1);
        assertThat(counted.searched).isLessThanOrEqualTo(2L * (size + 1));
    }

    @Test
    void aDelimiterOfSeveralBytesCostsOnlyItsLengthMore() {
        int size = 16 * 1_024;
        CountingFrames counted = new CountingFrames(new Delimited(new byte[] {'\r', '\n', '.'}, false, size));
        FakeLine line = line(counted);
        for (int i = 0; i < size; i++) {
            line.read("x");
        }
        line.read("\r\n.");
        assertThat(line.frames()).hasSize(1);
        assertThat(counted.searched).isLessThanOrEqualTo(2L * 3 * (size + 3));
    }

    /** Lets a framing look through a buffer that counts how many bytes are looked through. */
    private static final class CountingFrames implements Frames {
        private final Frames frames;
        private long searched;

        CountingFrames(Frames frames) {
            this.frames = frames;
        }

        @Override
        public int find(ByteBuf in, int seen) throws FrameViolation {
            return frames.find(new CountingBuf(in, bytes -> searched += bytes), seen);
        }

        @Override
        public ByteBuf take(ByteBuf in, int length) {
            return frames.take(in, length);
        }

        @Override
        public int overheadBytes() {
            return frames.overheadBytes();
        }

        @Override
        public void open(ByteBuf payload, ByteBuf out) {
            frames.open(payload, out);
        }

        @Override
        public void close(ByteBuf out) {
            frames.close(out);
        }
    }

    // ---- the way out

    @ParameterizedTest
    @MethodSource("samples")
    void whatIsWrittenComesOutAsItWentIn(Sample sample) {
        Random random = new Random(44);
        List<String> messages = new ArrayList<>();
        FakeLine out = line(sample.frames);
        for (int i = 0; i < 50; i++) {
            byte[] payload = payload(random, sample.everySize ? random.nextInt(MAX + 1) : 7);
            messages.add(new String(payload, StandardCharsets.US_ASCII));
            out.write(payload);
        }
        FakeLine in = line(sample.frames);
        in.read(out.written());
        assertThat(in.frames()).isEqualTo(messages);
    }

    @Test
    void largePayloadsAreNotCopied() {
        FakeLine line = line(new LengthPrefixed(4, 1 << 20));
        byte[] payload = new byte[100_000];
        line.write(payload);
        byte[] written = line.written();
        assertThat(written).hasSize(100_004);
        assertThat(written).startsWith(prefix(4, 100_000));
    }

    @Test
    void whatHoldsItsOwnDelimiterCannotBeWritten() {
        assertCannotBeWritten(lines(), "two\nlines", "lines, max 64");
        assertCannotBeWritten(delimited("\r\n"), "two\r\nlines", "delimited by 0x0d0a, max 64");
        FakeLine half = line(delimited("\r\n"));
        half.write("one\rhalf".getBytes(StandardCharsets.US_ASCII));
        assertThat(half.written()).isEqualTo("one\rhalf\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    private void assertCannotBeWritten(Frames frames, String payload, String framing) {
        FakeLine line = line(frames);
        assertThatThrownBy(() -> line.write(payload.getBytes(StandardCharsets.US_ASCII)))
                .isInstanceOf(EncoderException.class)
                .hasMessage("frame: holds its own delimiter " + framing + " (expected: none)");
        assertThat(line.written()).isEmpty();
    }

    @Test
    void aPayloadThatItsPrefixCannotCountCannotBeWritten() {
        FakeLine one = line(new LengthPrefixed(1, 1 << 20));
        one.write(new byte[255]);
        assertThat(one.written()).hasSize(256);
        assertThatThrownBy(() -> one.write(new byte[256]))
                .isInstanceOf(EncoderException.class)
                .hasMessage("frame: 256 bytes (expected: what a length of 1 bytes can say)");
        FakeLine two = line(new LengthPrefixed(2, 1 << 20));
        two.write(new byte[65_535]);
        assertThat(two.written()).hasSize(65_537);
        assertThatThrownBy(() -> two.write(new byte[65_536])).isInstanceOf(EncoderException.class);
        FakeLine three = line(new LengthPrefixed(3, 1 << 30));
        assertThatThrownBy(() -> three.write(new byte[1 << 24])).isInstanceOf(EncoderException.class);
    }

    @Test
    void aFixedFrameIsAlwaysWhole() {
        FakeLine line = line(new FixedSize(7));
        assertThatThrownBy(() -> line.write(new byte[6]))
                .isInstanceOf(EncoderException.class)
                .hasMessage("frame: 6 bytes (expected: 7)");
    }

    // ---- frames that are not wanted yet

    @Test
    void framesWaitUntilTheyAreWanted() {
        FakeLine line = line(lines());
        line.wantedFrames = 2;
        line.read("1\n2\n3\n4\n");
        assertThat(line.frames()).containsExactly("1", "2");
        line.want(1);
        assertThat(line.frames()).containsExactly("1", "2", "3");
        line.read("5\n6");
        line.want(10);
        assertThat(line.frames()).containsExactly("1", "2", "3", "4", "5");
        line.read("\n");
        assertThat(line.frames()).endsWith("6");
    }

    @Test
    void theEndComesAfterTheFramesThatWait() {
        FakeLine line = line(lines());
        line.wantedFrames = 1;
        line.read("1\n2\n3\n");
        line.finish();
        assertThat(line.finished()).isFalse();
        line.want(1);
        assertThat(line.frames()).containsExactly("1", "2");
        assertThat(line.finished()).isFalse();
        line.want(1);
        assertThat(line.frames()).containsExactly("1", "2", "3");
        assertThat(line.finished()).isTrue();
    }

    @Test
    void theEndIsKeptWhateverEventsFollowIt() {
        FakeLine line = line(lines());
        line.wantedFrames = 1;
        line.read("1\n2\n");
        line.finish();
        line.channel.pipeline().fireUserEventTriggered("something else");
        line.want(10);
        assertThat(line.frames()).containsExactly("1", "2");
        assertThat(line.finished()).isTrue();
    }

    @Test
    void halfAFrameAtTheEndHoldsNothingUp() {
        FakeLine line = line(lines());
        line.read("1\nhal");
        line.finish();
        assertThat(line.finished()).isTrue();
        assertThat(line.frames()).containsExactly("1");
    }

    @Test
    void halfAFrameThatWaitedHoldsNothingUpEither() {
        FakeLine line = line(lines());
        line.wantedFrames = 1;
        line.read("1\n2\nhal");
        line.finish();
        line.want(10);
        assertThat(line.frames()).containsExactly("1", "2");
        assertThat(line.finished()).isTrue();
    }

    @Test
    void nothingIsCutAfterAViolation() {
        FakeLine line = line(lines());
        line.read("1\n" + "x".repeat(MAX + 1) + "\n2\n");
        line.read("3\n");
        assertThat(line.frames()).containsExactly("1");
        assertThat(line.violations).isEqualTo(1);
    }

    // ---- the clock of frames

    @Test
    void theClockRunsWhileAFrameIsOpen() {
        FakeLine line = line(lines());
        line.read("1\n");
        assertThat(line.clock).isEmpty();
        line.read("2");
        line.read("2");
        line.read("2\n");
        assertThat(line.clock).containsExactly(true, false);
        line.read("3");
        line.read("\n4"); // The end of one, the beginning of the next: its own time.
        assertThat(line.clock).containsExactly(true, false, true, true);
        line.read("\n");
        assertThat(line.clock).endsWith(false);
    }

    @Test
    void framesThatWaitAreNotThePeersDelay() {
        FakeLine line = line(lines());
        line.wantedFrames = 1;
        line.read("1\n2\n3");
        assertThat(line.clock).isEmpty();
        line.want(10);
        assertThat(line.clock).containsExactly(true);
    }

    // ---- bad settings are tested where they are reported: see SetupTest

    @Test
    void framingsSayWhatTheyAre() {
        assertThat(Framing.lines()).hasToString("lines, max 65536");
        assertThat(Framing.delimiter("\r\n", 10)).hasToString("delimited by 0x0d0a, max 10");
        assertThat(Framing.lengthPrefixed(2, 10)).hasToString("length in 2 bytes, max 10");
        assertThat(Framing.fixed(3)).hasToString("fixed 3");
    }
}

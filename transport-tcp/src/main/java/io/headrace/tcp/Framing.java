package io.headrace.tcp;

import io.headrace.ChannelStage;
import io.headrace.Problems;
import io.headrace.Site;
import io.headrace.Slot;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.socket.DuplexChannel;
import java.nio.charset.StandardCharsets;

/**
 * From a stream of bytes to frames, and back. Every framing has a maximum; the first violation ends the connection.
 *
 * <p>What is cut does not depend on how the network split the bytes, and no byte is searched twice. A frame that is not whole when the peer
 * finishes is dropped: half a request must not pass for a whole one. On the way out each message becomes one frame; one that cannot (a line
 * with a line break in it) fails.
 */
public final class Framing implements ChannelStage<DuplexChannel> {
    /** The largest payload where none is given. */
    public static final int DEFAULT_MAX_BYTES = 64 * 1_024;

    private static final int LARGEST_MAX_BYTES = 1 << 30;

    private final Frames frames;
    private final int maxBytes;

    private Framing(Frames frames, int maxBytes) {
        this.frames = frames;
        this.maxBytes = maxBytes;
    }

    /** Lines of at most {@value #DEFAULT_MAX_BYTES} bytes. */
    public static Framing lines() {
        return lines(DEFAULT_MAX_BYTES);
    }

    /** Lines that end with LF or CR LF, which is taken off; out goes LF. */
    public static Framing lines(int maxLineBytes) {
        return new Framing(new Delimited(new byte[] {'\n'}, true, maxLineBytes), maxLineBytes);
    }

    /** Frames that end with this ASCII text, which is taken off; {@code "\r\n"}, say. */
    public static Framing delimiter(String delimiter, int maxFrameBytes) {
        return delimiter(delimiter.getBytes(StandardCharsets.US_ASCII), maxFrameBytes);
    }

    /** Frames that end with these bytes, which are taken off. */
    public static Framing delimiter(byte[] delimiter, int maxFrameBytes) {
        return new Framing(new Delimited(delimiter.clone(), false, maxFrameBytes), maxFrameBytes);
    }

    /**
     * Frames that begin with their length: an unsigned big-endian number of 1 to 4 bytes that counts the payload and not itself.
     */
    public static Framing lengthPrefixed(int prefixBytes, int maxFrameBytes) {
        return new Framing(new LengthPrefixed(prefixBytes, maxFrameBytes), maxFrameBytes);
    }

    /** Frames that are all of this size. */
    public static Framing fixed(int frameBytes) {
        return new Framing(new FixedSize(frameBytes), frameBytes);
    }

    @Override
    public Slot slot() {
        return Slot.FRAMING;
    }

    @Override
    public void check(Problems problems) {
        problems.expect(
                maxBytes >= 1 && maxBytes <= LARGEST_MAX_BYTES,
                "framing.maxBytes",
                maxBytes,
                "1 to " + LARGEST_MAX_BYTES);
        if (frames instanceof LengthPrefixed prefixed) {
            int prefix = prefixed.prefixBytes();
            problems.expect(prefix >= 1 && prefix <= 4, "framing.prefixBytes", prefix, "1 to 4");
        }
        if (frames instanceof Delimited delimited) {
            int length = delimited.delimiter().length;
            String hex = ByteBufUtil.hexDump(delimited.delimiter());
            problems.expect(length >= 1 && length <= 16, "framing.delimiter", "0x" + hex, "1 to 16 bytes");
        }
    }

    @Override
    public PerLoop<DuplexChannel> open(Site site) {
        return loop -> (channel, line) -> line.add("headrace-framing", new FrameCodec(frames, line));
    }

    @Override
    public String toString() {
        return frames.toString();
    }
}

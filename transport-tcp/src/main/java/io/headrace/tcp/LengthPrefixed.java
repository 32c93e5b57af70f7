package io.headrace.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.EncoderException;

/**
 * Frames that begin with their length: an unsigned big-endian number that counts the payload and not itself.
 *
 * @param maxBytes of the payload
 */
record LengthPrefixed(int prefixBytes, int maxBytes) implements Frames {

    @Override
    public int find(ByteBuf in, int seen) throws FrameViolation {
        if (in.readableBytes() < prefixBytes) {
            return INCOMPLETE;
        }
        long length = length(in);
        if (length > maxBytes) {
            throw FrameViolation.tooLarge(length, maxBytes);
        }
        long whole = prefixBytes + length;
        return in.readableBytes() < whole ? INCOMPLETE : (int) whole;
    }

    private long length(ByteBuf in) {
        int at = in.readerIndex();
        return switch (prefixBytes) {
            case 1 -> in.getUnsignedByte(at);
            case 2 -> in.getUnsignedShort(at);
            case 3 -> in.getUnsignedMedium(at);
            default -> in.getUnsignedInt(at);
        };
    }

    @Override
    public ByteBuf take(ByteBuf in, int length) {
        return in.skipBytes(prefixBytes).readRetainedSlice(length - prefixBytes);
    }

    @Override
    public int overheadBytes() {
        return prefixBytes;
    }

    @Override
    public void open(ByteBuf payload, ByteBuf out) {
        int length = payload.readableBytes();
        if (prefixBytes < 4 && length >= 1 << (8 * prefixBytes)) {
            throw new EncoderException(
                    "frame: " + length + " bytes (expected: what a length of " + prefixBytes + " bytes can say)");
        }
        switch (prefixBytes) {
            case 1 -> out.writeByte(length);
            case 2 -> out.writeShort(length);
            case 3 -> out.writeMedium(length);
            default -> out.writeInt(length);
        }
    }

    @Override
    public void close(ByteBuf out) {}

    @Override
    public String toString() {
        return "length in " + prefixBytes + " bytes, max " + maxBytes;
    }
}

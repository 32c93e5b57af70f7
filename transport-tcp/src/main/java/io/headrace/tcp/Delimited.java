package io.headrace.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.EncoderException;
import java.util.Arrays;

/**
 * Frames that end with a delimiter. Lines end with LF; a CR before it is taken off.
 *
 * @param maxBytes of the payload
 */
record Delimited(byte[] delimiter, boolean line, int maxBytes) implements Frames {

    @Override
    public int find(ByteBuf in, int seen) throws FrameViolation {
        // A delimiter may have begun in what was seen before.
        int from = in.readerIndex() + Math.max(0, seen - delimiter.length + 1);
        int at = indexOf(in, from);
        if (at >= 0) {
            int length = at - in.readerIndex();
            int payload = length - carriageReturn(in, length);
            if (payload > maxBytes) {
                throw FrameViolation.tooLarge(payload, maxBytes);
            }
            return length + delimiter.length;
        }
        // What may still turn out to be the delimiter, or the CR before it, is not counted yet.
        int held = in.readableBytes();
        int payload = held - Math.max(openDelimiter(in), carriageReturn(in, held));
        if (payload > maxBytes) {
            throw FrameViolation.tooLarge(payload, maxBytes);
        }
        return INCOMPLETE;
    }

    private int indexOf(ByteBuf in, int from) {
        if (delimiter.length == 1) {
            return in.indexOf(from, in.writerIndex(), delimiter[0]);
        }
        for (int i = in.indexOf(from, in.writerIndex(), delimiter[0]);
                i >= 0 && i + delimiter.length <= in.writerIndex();
                i = in.indexOf(i + 1, in.writerIndex(), delimiter[0])) {
            if (matches(in, i, delimiter.length)) {
                return i;
            }
        }
        return -1;
    }

    private boolean matches(ByteBuf in, int at, int length) {
        for (int k = 0; k < length; k++) {
            if (in.getByte(at + k) != delimiter[k]) {
                return false;
            }
        }
        return true;
    }

    /** How many bytes at the end are the beginning of a delimiter. */
    private int openDelimiter(ByteBuf in) {
        for (int length = Math.min(delimiter.length - 1, in.readableBytes()); length > 0; length--) {
            if (matches(in, in.writerIndex() - length, length)) {
                return length;
            }
        }
        return 0;
    }

    private int carriageReturn(ByteBuf in, int length) {
        return line && length > 0 && in.getByte(in.readerIndex() + length - 1) == '\r' ? 1 : 0;
    }

    @Override
    public ByteBuf take(ByteBuf in, int length) {
        int framed = length - delimiter.length;
        ByteBuf payload = in.retainedSlice(in.readerIndex(), framed - carriageReturn(in, framed));
        in.skipBytes(length);
        return payload;
    }

    @Override
    public int overheadBytes() {
        return delimiter.length;
    }

    @Override
    public void open(ByteBuf payload, ByteBuf out) {
        ByteBuf needle = Unpooled.wrappedBuffer(delimiter);
        if (delimiter.length == 1
                ? payload.indexOf(payload.readerIndex(), payload.writerIndex(), delimiter[0]) >= 0
                : ByteBufUtil.indexOf(needle, payload) >= 0) {
            // It would come out as two frames at the other end, and shift every later answer.
            throw new EncoderException("frame: holds its own delimiter " + this + " (expected: none)");
        }
    }

    @Override
    public void close(ByteBuf out) {
        out.writeBytes(delimiter);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Delimited that
                && Arrays.equals(delimiter, that.delimiter)
                && line == that.line
                && maxBytes == that.maxBytes;
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(delimiter) + maxBytes;
    }

    @Override
    public String toString() {
        return line
                ? "lines, max " + maxBytes
                : "delimited by 0x" + ByteBufUtil.hexDump(delimiter) + ", max " + maxBytes;
    }
}

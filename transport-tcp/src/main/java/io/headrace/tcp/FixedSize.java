package io.headrace.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.EncoderException;

/** Frames that are all of one size. */
record FixedSize(int bytes) implements Frames {

    @Override
    public int find(ByteBuf in, int seen) {
        return in.readableBytes() < bytes ? INCOMPLETE : bytes;
    }

    @Override
    public ByteBuf take(ByteBuf in, int length) {
        return in.readRetainedSlice(length);
    }

    @Override
    public int overheadBytes() {
        return 0;
    }

    @Override
    public void open(ByteBuf payload, ByteBuf out) {
        if (payload.readableBytes() != bytes) {
            throw new EncoderException("frame: " + payload.readableBytes() + " bytes (expected: " + bytes + ")");
        }
    }

    @Override
    public void close(ByteBuf out) {}

    @Override
    public String toString() {
        return "fixed " + bytes;
    }
}

package io.headrace;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ReferenceCountUtil;

/** Messages that the line's own handlers make and take; only their classes are checked. */
record ObjectCodec<I, O>(Class<I> in, Class<O> out) implements Codec<I, O> {

    @Override
    public I receive(Object delivered) {
        if (!in.isInstance(delivered)) {
            throw unexpected(delivered, "a " + in.getName(), "put a stage in FRAMING that makes it");
        }
        return in.cast(delivered);
    }

    @Override
    public Object transmit(O message, ByteBufAllocator allocator) {
        if (!out.isInstance(message)) {
            throw unexpected(message, "a " + out.getName(), "send that");
        }
        return message;
    }

    @Override
    public I decode(ByteBuf bytes) {
        return receive(bytes.retain());
    }

    @Override
    public void encode(O message, ByteBuf out) {
        throw unexpected(message, "nothing to encode", "the line takes it as it is");
    }

    /** Releases {@code object} and says what was expected instead, and what to do. */
    static IllegalArgumentException unexpected(Object object, String expected, String advice) {
        String type = object == null ? "null" : object.getClass().getName();
        ReferenceCountUtil.release(object);
        return new IllegalArgumentException("message: " + type + " (expected: " + expected + "; " + advice + ")");
    }

    @Override
    public String toString() {
        return in.getSimpleName() + "/" + out.getSimpleName();
    }
}

package io.headrace;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

/** Buffers as they are; byte arrays and text may go out too. */
enum RawCodec implements Codec<ByteBuf, Object> {
    INSTANCE;

    @Override
    public ByteBuf receive(Object delivered) {
        if (delivered instanceof ByteBuf bytes) {
            return bytes;
        }
        throw ObjectCodec.unexpected(delivered, "a buffer", "add codec(Codec.none(In.class, Out.class))");
    }

    @Override
    public Object transmit(Object message, ByteBufAllocator allocator) {
        if (message instanceof ByteBuf bytes) {
            return bytes;
        }
        if (message instanceof CharSequence text) {
            return ByteBufUtil.writeUtf8(allocator, text);
        }
        if (message instanceof byte[] bytes) {
            return Unpooled.wrappedBuffer(bytes);
        }
        throw ObjectCodec.unexpected(message, "a buffer, a byte[] or text", "add a codec");
    }

    @Override
    public ByteBuf decode(ByteBuf bytes) {
        return bytes.retain();
    }

    @Override
    public void encode(Object message, ByteBuf out) {
        ByteBuf bytes = (ByteBuf) transmit(message, out.alloc());
        out.writeBytes(bytes);
        bytes.release();
    }

    @Override
    public String toString() {
        return "raw";
    }
}

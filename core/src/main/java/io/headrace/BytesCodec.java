package io.headrace;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/** Byte arrays. */
enum BytesCodec implements Codec<byte[], byte[]> {
    INSTANCE;

    @Override
    public byte[] decode(ByteBuf bytes) {
        return ByteBufUtil.getBytes(bytes);
    }

    @Override
    public void encode(byte[] message, ByteBuf out) {
        out.writeBytes(message);
    }

    @Override
    public String toString() {
        return "bytes";
    }
}

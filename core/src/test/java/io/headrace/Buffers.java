package io.headrace;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;

/** Buffers that the leak check counts. */
final class Buffers {

    private Buffers() {}

    static ByteBuf of(String text) {
        return ByteBufUtil.writeUtf8(PooledByteBufAllocator.DEFAULT, text);
    }

    static ByteBuf of(int... bytes) {
        ByteBuf buffer = PooledByteBufAllocator.DEFAULT.buffer(bytes.length);
        for (int b : bytes) {
            buffer.writeByte(b);
        }
        return buffer;
    }
}

package io.headrace.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import java.util.function.IntConsumer;

/** A copy of a buffer that tells how many bytes a search looks at. */
final class CountingBuf extends UnpooledHeapByteBuf {
    private final IntConsumer searched;

    CountingBuf(ByteBuf original, IntConsumer searched) {
        super(UnpooledByteBufAllocator.DEFAULT, original.writerIndex(), Integer.MAX_VALUE);
        this.searched = searched;
        setBytes(0, original, 0, original.writerIndex());
        setIndex(original.readerIndex(), original.writerIndex());
    }

    @Override
    public int indexOf(int from, int to, byte value) {
        int found = super.indexOf(from, to, value);
        searched.accept((found < 0 ? to : found + 1) - from);
        return found;
    }

    @Override
    public byte getByte(int index) {
        searched.accept(1);
        return super.getByte(index);
    }
}

package io.headrace.torture;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.internal.PlatformDependent;
import java.util.ArrayDeque;
import java.util.Deque;

/** Direct memory that is held on to, a hundredth of what there may be at a time, as answers that wait for slow peers are. Any thread. */
final class Hoard {
    private static final int HUNDREDTH = (int) (PlatformDependent.maxDirectMemory() / 100);

    private final Deque<ByteBuf> held = new ArrayDeque<>();

    /** From now on so many hundredths are held, no more and no fewer. */
    synchronized void hold(int hundredths) {
        while (held.size() < hundredths) {
            held.push(PooledByteBufAllocator.DEFAULT.directBuffer(HUNDREDTH));
        }
        while (held.size() > hundredths) {
            held.pop().release();
        }
    }
}

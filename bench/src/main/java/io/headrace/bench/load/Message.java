package io.headrace.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;

/** The bytes of a request, many times in a row, so that any number of requests is one buffer and one write. One per loop. */
final class Message {
    private static final int ENOUGH_BYTES = 256 * 1_024;

    private final int size;
    private final int most;
    private final ByteBuf row;

    /** @param wanted how many requests are sent in one go at most */
    Message(byte[] bytes, int wanted) {
        size = bytes.length;
        most = Math.max(1, Math.min(wanted, ENOUGH_BYTES / size));
        row = PooledByteBufAllocator.DEFAULT.directBuffer(size * most);
        for (int i = 0; i < most; i++) {
            row.writeBytes(bytes);
        }
    }

    int size() {
        return size;
    }

    /** How many requests {@link #times} gives at most. */
    int most() {
        return most;
    }

    /** So many requests. The caller owns it. */
    ByteBuf times(int count) {
        return row.retainedSlice(0, count * size);
    }

    /** One request in memory of its own, to be sent again and again. The caller owns it. */
    ByteBuf copy() {
        return PooledByteBufAllocator.DEFAULT.directBuffer(size, size).writeBytes(row, 0, size);
    }

    /** One request, for comparing. This message owns it. */
    ByteBuf bytes() {
        return row;
    }

    void release() {
        row.release();
    }
}

package io.headrace.tcp;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.internal.PlatformDependent;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.LongSupplier;

/**
 * Whether there is direct memory for one more large buffer. Asked before it is allocated: where the JDK's limit is met, the JDK collects
 * garbage and sleeps, half a second for each buffer, before it says no, and all connections of the event loop wait with it.
 *
 * <p>While the pool may still grow by a chunk there is room, and to know that is all it costs. When it may not, what the pool has and nobody
 * uses has to do, less half a chunk for small buffers and for what lies in pieces. When it turns out that as much was free and did not do, as much is
 * kept back, and a little less each time that somebody is refused. Any thread.
 */
final class DirectRoom {
    private final LongSupplier leftBytes;
    private final LongSupplier freeBytes;
    private final int chunkBytes;
    private volatile long keptBytes; // Of two threads that write, either may win: the next one writes again.

    /**
     * @param leftBytes what the process may still take
     * @param freeBytes what the pool has taken and nobody uses
     * @param chunkBytes what the pool takes at a time
     */
    DirectRoom(LongSupplier leftBytes, LongSupplier freeBytes, int chunkBytes) {
        this.leftBytes = leftBytes;
        this.freeBytes = freeBytes;
        this.chunkBytes = chunkBytes;
        this.keptBytes = chunkBytes / 2;
    }

    /** What the JDK says when it has none left, with neither collection, nor sleep, nor stack trace. */
    static final class NoRoomError extends OutOfMemoryError {
        private static final long serialVersionUID = 1L;

        NoRoomError(int bytes) {
            super("no room for " + bytes + " bytes of direct buffer memory");
        }

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }

    /** That of this process. */
    static DirectRoom ofProcess() {
        return Process.ROOM;
    }

    private static final class Process {
        private static final PooledByteBufAllocator POOL = PooledByteBufAllocator.DEFAULT;
        private static final BufferPoolMXBean JDK =
                ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                        .filter(pool -> pool.getName().equals("direct"))
                        .findFirst()
                        .orElseThrow();
        private static final long JDK_LIMIT_BYTES = PlatformDependent.estimateMaxDirectMemory();
        private static final DirectRoom ROOM = new DirectRoom(
                Process::leftBytes, Process::freeBytes, POOL.metric().chunkSize());

        /** Netty's memory is in the JDK's count or not, as it is allocated; its own limit may be the lower one. */
        private static long leftBytes() {
            return Math.min(
                    JDK_LIMIT_BYTES - JDK.getMemoryUsed(),
                    PlatformDependent.maxDirectMemory() - PlatformDependent.usedDirectMemory());
        }

        private static long freeBytes() {
            return POOL.metric().usedDirectMemory() - POOL.pinnedDirectMemory();
        }
    }

    /**
     * Asks for so many bytes.
     *
     * @throws NoRoomError when they are not there
     */
    void ask(int bytes) {
        if (leftBytes.getAsLong() < Math.max(chunkBytes, bytes) && !inPool(bytes)) {
            keptBytes -= (keptBytes - chunkBytes / 2) / 16;
            throw new NoRoomError(bytes);
        }
    }

    private boolean inPool(int bytes) {
        return bytes <= chunkBytes && freeBytes.getAsLong() >= bytes + keptBytes;
    }

    /** There was none after all: so much was free, and lay in pieces or where another loop allocates. */
    void wasRefused(OutOfMemoryError why) {
        if (!(why instanceof NoRoomError)) {
            keptBytes = Math.max(keptBytes, freeBytes.getAsLong());
        }
    }
}

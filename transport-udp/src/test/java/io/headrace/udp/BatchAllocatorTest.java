package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchAllocatorTest {
    private static final int DATAGRAM = 100;
    private static final ByteBufAllocator MEMORY = UnpooledByteBufAllocator.DEFAULT;

    private static final ByteBufAllocator PLAIN =
            new UnpooledByteBufAllocator(true, true); // The leak detector sees none of it.

    private final BatchAllocator batches = new BatchAllocator(64, DATAGRAM);

    @SuppressWarnings("deprecation") // The supertype still says Handle.
    private final ExtendedHandle reads = (ExtendedHandle) batches.newHandle();

    /** One read that brings so many. */
    private void read(int datagrams) {
        reads.allocate(MEMORY).release();
        reads.lastBytesRead(datagrams * DATAGRAM);
    }

    @Test
    void everyReadReusesTheMemoryThatNobodyReadsAnyMore() {
        ByteBuf first = reads.allocate(MEMORY);
        first.writeInt(7).readInt();
        first.release();
        reads.lastBytesRead(DATAGRAM);

        ByteBuf second = reads.allocate(MEMORY);

        assertThat(second).isSameAs(first);
        assertThat(second.writableBytes()).isEqualTo(2 * DATAGRAM);
        second.release();
        batches.close();
        assertThat(second.refCnt()).isZero();
    }

    /** Gives watched buffers first, then plain ones. */
    private static final class Watching extends AbstractByteBufAllocator {
        private final List<ByteBuf> given = new ArrayList<>();
        private final int watched;

        Watching(int watched) {
            super(true);
            this.watched = watched;
        }

        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            ByteBuf plain = PLAIN.directBuffer(initialCapacity, maxCapacity);
            given.add(given.size() < watched ? plain.duplicate() : plain);
            return given.get(given.size() - 1);
        }

        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isDirectBufferPooled() {
            return false;
        }
    }

    @Test
    void whatTheLeakDetectorWatchesIsNotKept() {
        Watching memory = new Watching(2);

        ByteBuf batch = reads.allocate(memory);

        assertThat(batch.unwrap()).isNull();
        assertThat(memory.given).hasSize(3);
        assertThat(memory.given.subList(0, 2)).allMatch(watched -> watched.refCnt() == 0);
        batch.release();
        batches.close();
        assertThat(batch.refCnt()).isZero();
    }

    @Test
    void whereAllAreWatchedSoIsTheMemory() {
        Watching memory = new Watching(Integer.MAX_VALUE);

        ByteBuf batch = reads.allocate(memory);

        assertThat(batch.capacity()).isEqualTo(2 * DATAGRAM);
        batch.release();
        batches.close();
        assertThat(memory.given).allMatch(given -> given.refCnt() == 0);
    }

    @Test
    void memoryThatSomebodyKeepsIsLeftToThem() {
        ByteBuf first = reads.allocate(MEMORY);
        ByteBuf kept = first.writeInt(7).readRetainedSlice(4);
        first.release();

        ByteBuf second = reads.allocate(MEMORY);
        second.writeInt(8);

        assertThat(second).isNotSameAs(first);
        assertThat(kept.getInt(0)).isEqualTo(7);
        second.release();
        kept.release();
        batches.close();
        assertThat(first.refCnt()).isZero();
        assertThat(second.refCnt()).isZero();
    }

    @Test
    void fullBatchesGrowAndNearlyEmptyOnesShrink() {
        assertThat(batches.batch()).isEqualTo(2);
        IntStream.of(2, 4, 8, 16, 32, 64, 64).forEach(this::read);
        assertThat(batches.batch()).isEqualTo(64);
        read(16); // A quarter is no reason.
        assertThat(batches.batch()).isEqualTo(64);
        IntStream.of(1, 1, 1, 1, 1, 1).forEach(this::read);
        assertThat(batches.batch()).isEqualTo(4);
        batches.close();
    }

    @Test
    void aBatchOfOneStaysOne() {
        BatchAllocator ones = new BatchAllocator(1, DATAGRAM);
        @SuppressWarnings("deprecation")
        ExtendedHandle handle = (ExtendedHandle) ones.newHandle();
        for (int i = 0; i < 5; i++) {
            ByteBuf memory = handle.allocate(MEMORY);
            assertThat(memory.writableBytes()).isEqualTo(DATAGRAM);
            memory.release();
            handle.lastBytesRead(DATAGRAM);
        }
        ones.close();
    }

    @Test
    void aReadThatFoundNothingIsNoBatch() {
        reads.allocate(MEMORY).release();
        reads.lastBytesRead(-1);
        assertThat(batches.batch()).isEqualTo(2);
        batches.close();
    }

    @Test
    void whatIsReadAfterTheCloseIsNotKept() {
        batches.close();
        ByteBuf last = reads.allocate(MEMORY);
        last.release();
        assertThat(last.refCnt()).isZero();
    }
}

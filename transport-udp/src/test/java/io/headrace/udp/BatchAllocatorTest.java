package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchAllocatorTest {
    private static final int DATAGRAM = 100;
    private static final ByteBufAllocator MEMORY = UnpooledByteBufAllocator.DEFAULT;

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

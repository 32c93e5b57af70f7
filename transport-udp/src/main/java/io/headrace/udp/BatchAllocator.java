package io.headrace.udp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * The memory of one socket for a batch of datagrams: one buffer, used again for the next batch unless somebody still reads in it.
 *
 * <p>A read asks for about as many datagrams as the last ones brought: each that is asked for costs, whether it comes or not. A batch that
 * was not full has emptied the socket, so no further system call is spent on being told so. Event loop only.
 */
final class BatchAllocator extends DefaultMaxMessagesRecvByteBufAllocator {
    /** With fewer than two, Netty reads by another way, which takes an empty datagram on a connected socket for the end. */
    private static final int SMALLEST = 2;

    private static final int MOST_IN_A_TURN = 64; // Then the loop turns to its other channels.

    private static final int MORE_TRIES = 3; // Where all are watched, so are these.

    private final int most;
    private final int datagramBytes;
    private ByteBuf memory; // Null before the first batch and after the last.
    private int batch;
    private boolean closed;

    /** @param most datagrams in a batch; with one, a system call for each until the socket is empty */
    BatchAllocator(int most, int datagramBytes) {
        super(most == 1 ? MOST_IN_A_TURN : most);
        this.most = most;
        this.datagramBytes = datagramBytes;
        this.batch = Math.min(SMALLEST, most);
    }

    /** How many datagrams the next read asks for. */
    int batch() {
        return batch;
    }

    /** So many came of those that were asked for. */
    private void came(int datagrams) {
        if (datagrams >= batch) {
            batch = Math.min(most, 2 * batch);
        } else if (datagrams < batch / 4) {
            batch /= 2;
        }
    }

    private ByteBuf memory(ByteBufAllocator allocator) {
        int bytes = batch * datagramBytes;
        if (closed) { // In the middle of a batch: nobody would let go of what is kept now.
            return allocator.directBuffer(bytes, bytes);
        }
        if (memory != null && memory.refCnt() == 1 && memory.capacity() == bytes) {
            return memory.clear().retain();
        }
        letGo();
        memory = unwatched(allocator, bytes);
        return memory.retain();
    }

    /**
     * Netty's leak detector watches one buffer in 128, and every slice of it: two stack traces for each datagram, for as long as
     * the memory is kept.
     */
    private static ByteBuf unwatched(ByteBufAllocator allocator, int bytes) {
        ByteBuf plain = allocator.directBuffer(bytes, bytes);
        for (int more = MORE_TRIES; more > 0 && plain.unwrap() != null; more--) {
            plain.release();
            plain = allocator.directBuffer(bytes, bytes);
        }
        return plain;
    }

    private void letGo() {
        if (memory != null) {
            memory.release();
            memory = null;
        }
    }

    /** The socket has closed. */
    void close() {
        closed = true;
        letGo();
    }

    @Override
    @SuppressWarnings("deprecation") // The supertype still says Handle.
    public Handle newHandle() {
        return new MaxMessageHandle() {
            @Override
            public int guess() {
                return batch * datagramBytes;
            }

            @Override
            public ByteBuf allocate(ByteBufAllocator allocator) {
                return memory(allocator);
            }

            @Override
            public void lastBytesRead(int bytes) {
                super.lastBytesRead(bytes);
                came(bytes / datagramBytes);
            }

            @Override
            public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
                return (most == 1 || attemptedBytesRead() == lastBytesRead()) && super.continueReading(maybeMore);
            }
        };
    }
}

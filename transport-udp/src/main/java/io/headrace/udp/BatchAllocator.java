package io.headrace.udp;

import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * Buffers for a batch of datagrams each. A batch that was not full has emptied the socket, so no further system call is spent on being
 * told so.
 */
final class BatchAllocator extends DefaultMaxMessagesRecvByteBufAllocator {
    private final int batchBytes;

    BatchAllocator(int batch, int datagramBytes) {
        super(batch); // One batch, then the loop turns to its other channels.
        batchBytes = batch * datagramBytes;
    }

    @Override
    @SuppressWarnings("deprecation") // The supertype still says Handle.
    public Handle newHandle() {
        return new MaxMessageHandle() {
            @Override
            public int guess() {
                return batchBytes;
            }

            @Override
            public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
                return attemptedBytesRead() == lastBytesRead() && super.continueReading(maybeMore);
            }
        };
    }
}

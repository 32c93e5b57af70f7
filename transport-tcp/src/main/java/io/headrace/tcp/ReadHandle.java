package io.headrace.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * Sizes one connection's receive buffers, and so hears of every byte its socket gives, without a handler on the line.
 *
 * <p>Starts at 2 KiB. A read that fills its buffer doubles the next one, up to 64 KiB; two small reads in a row halve it.
 */
final class ReadHandle implements RecvByteBufAllocator, RecvByteBufAllocator.ExtendedHandle, UncheckedBooleanSupplier {
    private static final int MIN_BYTES = 2_048;
    private static final int MAX_BYTES = 65_536;
    /** After so many reads the loop turns to its other connections. */
    private static final int MAX_READS = 16;

    private final StreamConnection<?, ?> connection;
    private ChannelConfig config;
    private int bufferBytes = MIN_BYTES;
    private int attemptedBytes;
    private int lastBytes;
    private int reads;
    private boolean lastWasSmall;

    ReadHandle(StreamConnection<?, ?> connection) {
        this.connection = connection;
    }

    /** One connection, one handle: this one. */
    @Override
    @SuppressWarnings("deprecation") // The supertype still says Handle.
    public ExtendedHandle newHandle() {
        return this;
    }

    @Override
    public void reset(ChannelConfig config) {
        this.config = config;
        reads = 0;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
        return allocator.ioBuffer(bufferBytes);
    }

    @Override
    public int guess() {
        return bufferBytes;
    }

    @Override
    public void incMessagesRead(int messages) {
        reads += messages;
    }

    @Override
    public void lastBytesRead(int bytes) {
        lastBytes = bytes;
        if (bytes > 0) {
            connection.bytesReceived(bytes);
            resize(bytes);
        }
    }

    private void resize(int bytes) {
        if (bytes >= bufferBytes) {
            bufferBytes = Math.min(MAX_BYTES, 2 * bufferBytes);
            lastWasSmall = false;
        } else if (bytes < bufferBytes / 4 && bufferBytes > MIN_BYTES) {
            if (lastWasSmall) {
                bufferBytes /= 2;
            }
            lastWasSmall = !lastWasSmall;
        } else {
            lastWasSmall = false;
        }
    }

    @Override
    public int lastBytesRead() {
        return lastBytes;
    }

    @Override
    public void attemptedBytesRead(int bytes) {
        attemptedBytes = bytes;
    }

    @Override
    public int attemptedBytesRead() {
        return attemptedBytes;
    }

    /** A read that filled its buffer has perhaps left more behind. */
    @Override
    public boolean get() {
        return attemptedBytes == lastBytes;
    }

    @Override
    public boolean continueReading() {
        return continueReading(this);
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
        return config.isAutoRead() && lastBytes > 0 && reads < MAX_READS && maybeMore.get();
    }

    @Override
    public void readComplete() {}
}

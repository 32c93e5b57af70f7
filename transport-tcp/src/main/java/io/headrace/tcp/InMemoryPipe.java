package io.headrace.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;

/**
 * One direction of an in-memory stream: what a kernel would hold of it.
 *
 * <p>The writer ends it by {@link #finish} or {@link #reset}, after which what it holds is still read; the reader by {@link #abandon}. Any
 * thread.
 */
final class InMemoryPipe {
    private final ByteBuf held;
    private boolean finished;
    private boolean reset;
    private boolean abandoned;

    InMemoryPipe(int maxBytes) {
        held = Unpooled.buffer(Math.min(256, maxBytes), maxBytes);
    }

    /** Takes what there is room for, and says how much that is. */
    synchronized int write(ByteBuf from) throws IOException {
        if (abandoned) {
            throw new IOException("Broken pipe");
        }
        held.discardReadBytes();
        int bytes = Math.min(from.readableBytes(), held.maxWritableBytes());
        held.writeBytes(from, bytes);
        return bytes;
    }

    /** Gives what there is and {@code to} has room for, and says how much that is; -1 at the end. */
    synchronized int read(ByteBuf to) throws IOException {
        int bytes = Math.min(held.readableBytes(), to.writableBytes());
        to.writeBytes(held, bytes);
        if (bytes == 0 && reset) {
            throw new IOException("Connection reset by peer");
        }
        return bytes == 0 && finished ? -1 : bytes;
    }

    /** Whether a read would give anything: bytes, the end, or a reset. */
    synchronized boolean readable() {
        return held.isReadable() || finished || reset;
    }

    synchronized void finish() {
        finished = true;
    }

    synchronized void reset() {
        reset = true;
    }

    /** Nobody will read any more; returns whether something was left to read. */
    synchronized boolean abandon() {
        abandoned = true;
        return held.isReadable();
    }
}

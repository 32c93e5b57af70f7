package io.headrace.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * What waits in front of a full queue toward a peer, so that the oldest push can still be dropped: Netty's own queue gives nothing back.
 * Replies wait here too, or they would overtake, and are never dropped. Event loop only.
 */
final class Backlog {
    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private long bytes;

    private record Entry(Object encoded, int bytes, boolean reply) {}

    void add(Object encoded, boolean reply) {
        int size = encoded instanceof ByteBuf buffer ? buffer.readableBytes() : 1;
        entries.add(new Entry(encoded, size, reply));
        bytes += size;
    }

    /** The oldest, or null. Gives its reference away. */
    Object take() {
        Entry oldest = entries.poll();
        if (oldest == null) {
            return null;
        }
        bytes -= oldest.bytes;
        return oldest.encoded;
    }

    /** Drops the oldest pushes, but for the newest of all, until no more than this waits; returns how many. */
    int trim(long maxBytes) {
        int dropped = 0;
        Iterator<Entry> oldestFirst = entries.iterator();
        while (bytes > maxBytes && oldestFirst.hasNext()) {
            Entry entry = oldestFirst.next();
            if (!entry.reply && entry != entries.peekLast()) {
                oldestFirst.remove();
                bytes -= entry.bytes;
                ReferenceCountUtil.release(entry.encoded);
                dropped++;
            }
        }
        return dropped;
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    long bytes() {
        return bytes;
    }

    /** The connection is gone. */
    void drop() {
        for (Object encoded; (encoded = take()) != null; ) {
            ReferenceCountUtil.release(encoded);
        }
    }
}

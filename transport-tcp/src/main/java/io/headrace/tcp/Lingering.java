package io.headrace.tcp;

import io.netty.util.concurrent.EventExecutor;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/**
 * Connections of one loop that are shut down on our side and wait for their peers to finish: a close with input unread, or still on its
 * way, would send a reset.
 *
 * <p>Those that were greeted are watched by no event loop; they are looked at together, every few milliseconds, which costs one read
 * each instead of three calls to watch and unwatch. Bounded in time, bytes and number. Event loop only.
 */
final class Lingering {
    /** What a peer may still send, and have thrown away, before it is cut off. */
    static final int MAX_BYTES = 256 * 1_024;

    private static final long MAX_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long ROUND_NS = TimeUnit.MILLISECONDS.toNanos(5);
    /** More than this on one loop, and the oldest is cut off. */
    private static final int MAX_CONNECTIONS = 4_096;

    private final StreamLoop<?, ?> loop;
    private final EventExecutor executor;
    private final ByteBuffer waste = ByteBuffer.allocateDirect(16 * 1_024);
    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private boolean scheduled;

    /** A connection that lingers. */
    interface Waiting {

        /** Whether its peer has finished, so that it is closed now; reads what came into {@code waste}. */
        boolean finished(ByteBuffer waste);

        /** Whether our side is shut down: one that is refused may be held before. */
        default boolean lingers() {
            return true;
        }

        /** Closes it, whatever its peer does; or ends its being held. */
        void cutOff();
    }

    private record Entry(Waiting connection, long deadlineNs) {}

    Lingering(StreamLoop<?, ?> loop) {
        this.loop = loop;
        this.executor = loop.open().eventLoop();
    }

    /** Lets a connection linger from now on. */
    void add(Waiting connection, long nowNs) {
        addUntil(connection, nowNs + MAX_NS);
    }

    /** The same, until then at the latest. */
    void addUntil(Waiting connection, long deadlineNs) {
        if (entries.size() >= MAX_CONNECTIONS) {
            overdue(entries.poll().connection);
        }
        entries.add(new Entry(connection, deadlineNs));
        if (!scheduled) {
            scheduled = true;
            executor.schedule(this::round, ROUND_NS, TimeUnit.NANOSECONDS);
        }
    }

    private void round() {
        long nowNs = loop.open().nanoTime();
        for (int left = entries.size(); left > 0; left--) {
            Entry entry = entries.poll();
            if (entry.connection.finished(waste)) {
                continue;
            }
            if (nowNs - entry.deadlineNs >= 0) {
                overdue(entry.connection);
            } else {
                entries.add(entry);
            }
        }
        scheduled = !entries.isEmpty();
        if (scheduled) {
            executor.schedule(this::round, ROUND_NS, TimeUnit.NANOSECONDS);
        }
    }

    private void overdue(Waiting connection) {
        if (connection.lingers()) {
            loop.open().watch().lingerAborted();
        }
        connection.cutOff();
    }

    /** Counts one whose peer has sent on for longer than it may, if that is so. */
    boolean sentTooMuch(int wastedBytes) {
        if (wastedBytes <= MAX_BYTES) {
            return false;
        }
        loop.open().watch().lingerAborted();
        return true;
    }

    /** Cuts everyone off. */
    void cutAll() {
        for (Entry entry; (entry = entries.poll()) != null; ) {
            entry.connection.cutOff();
        }
    }
}

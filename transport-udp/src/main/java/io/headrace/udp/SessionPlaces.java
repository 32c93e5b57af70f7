package io.headrace.udp;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The places that the sessions of an endpoint share, on however many event loops: each open session has one, so there are never more
 * than {@link UdpOptions#maxSessions}. Any thread.
 */
final class SessionPlaces {
    private final AtomicInteger free;
    private final List<UdpSessions<?>> tables;
    private final int share;

    SessionPlaces(int most, List<UdpSessions<?>> tables) {
        this.free = new AtomicInteger(most);
        this.tables = List.copyOf(tables);
        this.share = Math.max(1, most / tables.size());
    }

    /** Takes one; false when there is none. */
    boolean take() {
        int now = free.get();
        while (now > 0) {
            if (free.compareAndSet(now, now - 1)) {
                return true;
            }
            now = free.get();
        }
        return false;
    }

    /** Takes one back: its session has ended. */
    void giveBack() {
        free.incrementAndGet();
    }

    /** How many sessions a table has for sure, if it wants them; at least one, so small bounds have tables compete. */
    int share() {
        return share;
    }

    /** Who should give one up for this table: the one that has most; null when no other has any. */
    UdpSessions<?> fullestBeside(UdpSessions<?> table) {
        UdpSessions<?> fullest = null;
        int most = 0;
        for (UdpSessions<?> other : tables) {
            if (other != table && other.open() > most) {
                fullest = other;
                most = other.open();
            }
        }
        return fullest;
    }
}

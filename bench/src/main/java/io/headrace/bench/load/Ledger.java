package io.headrace.bench.load;

import java.util.Arrays;

/**
 * What became of each datagram that one flow has sent: every answer is exactly one of in time, reordered, late, duplicate or corrupt, and
 * every request that got no answer in time has failed. A request is remembered for twice the patience at least; an answer to one that is
 * forgotten is late.
 */
final class Ledger {

    /** What an answer is. */
    enum Fate {
        /** In time, and newer than all before. */
        IN_TIME(Count.IN_TIME),
        /** In time, after the answer to a later request. */
        REORDERED(Count.REORDERED),
        /** After the patience, when its request had failed. */
        LATE(Count.LATE),
        /** Not the first to its request. */
        DUPLICATE(Count.DUPLICATE),
        /** To nothing that was asked. */
        CORRUPT(Count.CORRUPT);

        private final Count count;

        Fate(Count count) {
            this.count = count;
        }

        /** What is counted of it. */
        Count count() {
            return count;
        }
    }

    /** Hears of requests whose patience has run out. */
    interface Failing {
        void failed(long dueNs, long sentNs);
    }

    private static final int FEW = 64;

    /** More requests than this of one flow are never remembered. */
    private static final int MOST = 1 << 20;

    private static final byte WAITING = 0;
    private static final byte ANSWERED = 1;
    private static final byte FAILED = 2;

    private final long patienceNs;

    // Of request n at n modulo the length: the last so many, both n ever growing.
    private long[] dueNs = new long[FEW];
    private long[] sentNs = new long[FEW];
    private byte[] state = new byte[FEW];
    private long next;

    private long oldest; // All before it are answered or failed.
    private long newest = -1; // The latest request that was answered.
    private long failures;
    private long late;

    Ledger(long patienceNs) {
        this.patienceNs = patienceNs;
    }

    /** The number of the next request. */
    long next() {
        return next;
    }

    /** Whether another request can be remembered. */
    boolean hasRoom(long nowNs) {
        while (next >= state.length && state.length < MOST && nowNs - sentNs[at(next)] < 2 * patienceNs) {
            grow();
        }
        return next < state.length || state[at(next)] != WAITING;
    }

    /** The next request was sent. */
    void sent(long whenDueNs, long nowNs) {
        int at = at(next++);
        dueNs[at] = whenDueNs;
        sentNs[at] = nowNs;
        state[at] = WAITING;
        oldest = Math.max(oldest, next - state.length);
    }

    private int at(long number) {
        return (int) (number & state.length - 1);
    }

    private void grow() {
        int length = state.length;
        long first = next - length;
        // All of the old ring, from the oldest on, in its place in the new one.
        long[] moreDue = new long[length * 2];
        long[] moreSent = new long[length * 2];
        byte[] moreState = new byte[length * 2];
        Arrays.fill(moreState, ANSWERED);
        for (long number = first; number < next; number++) {
            int to = (int) (number & moreState.length - 1);
            moreDue[to] = dueNs[at(number)];
            moreSent[to] = sentNs[at(number)];
            moreState[to] = state[at(number)];
        }
        dueNs = moreDue;
        sentNs = moreSent;
        state = moreState;
    }

    /** An answer came. What has run out of patience by now must have been swept before. */
    Fate answered(long number, long whenSentNs) {
        if (number < 0 || number >= next) {
            return Fate.CORRUPT;
        }
        if (!remembers(number)) {
            late++;
            return Fate.LATE;
        }
        int at = at(number);
        if (sentNs[at] != whenSentNs) {
            return Fate.CORRUPT;
        }
        if (state[at] == ANSWERED) {
            return Fate.DUPLICATE;
        }
        boolean failed = state[at] == FAILED;
        state[at] = ANSWERED;
        if (failed) {
            late++;
            return Fate.LATE;
        }
        boolean behind = number < newest;
        newest = Math.max(newest, number);
        return behind ? Fate.REORDERED : Fate.IN_TIME;
    }

    boolean remembers(long number) {
        return number >= next - state.length && number < next;
    }

    /** When a request that is remembered was due. */
    long dueNs(long number) {
        return dueNs[at(number)];
    }

    /** Requests whose patience has run out fail. */
    void sweep(long nowNs, Failing failing) {
        for (; oldest < next; oldest++) {
            int at = at(oldest);
            if (state[at] == WAITING) {
                if (nowNs - dueNs[at] < patienceNs) {
                    return;
                }
                state[at] = FAILED;
                failures++;
                failing.failed(dueNs[at], sentNs[at]);
            }
        }
    }

    /** Whether an answer could still make a difference. */
    boolean unsettled() {
        return failures > late || waiting();
    }

    private boolean waiting() {
        for (long number = oldest; number < next; number++) {
            if (state[at(number)] == WAITING) {
                return true;
            }
        }
        return false;
    }

    /** What still waits is told and forgotten. */
    void giveUp(Failing unfinished) {
        for (; oldest < next; oldest++) {
            if (state[at(oldest)] == WAITING) {
                state[at(oldest)] = ANSWERED;
                unfinished.failed(dueNs[at(oldest)], sentNs[at(oldest)]);
            }
        }
    }
}

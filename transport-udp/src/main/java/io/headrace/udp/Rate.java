package io.headrace.udp;

import io.headrace.Problems;

/**
 * So many events a second, and so many at once (the generic cell rate algorithm): one number is all the state there is, the time at
 * which everything that came so far would have come at exactly the rate.
 */
record Rate(long intervalNs, long toleranceNs) {
    /** The state before anything has come. */
    static final long FRESH = Long.MIN_VALUE;
    /** In the place of a state: one event too many. */
    static final long OVER = Long.MAX_VALUE;

    private static final long SECOND_NS = 1_000_000_000L;

    Rate(int perSecond, int burst) {
        this(SECOND_NS / perSecond, (burst - 1L) * (SECOND_NS / perSecond));
    }

    static void check(Problems problems, String stage, int perSecond, int burst) {
        problems.expect(perSecond >= 1 && perSecond <= 100_000_000, stage + ".of", perSecond, "1 to 100000000");
        problems.expect(burst >= 1, stage + ".burst", burst, ">= 1");
    }

    /** The state after one more event, or {@link #OVER}. */
    long next(long state, long nowNs) {
        long due = state == FRESH || state - nowNs < 0 ? nowNs : state;
        return due - nowNs > toleranceNs ? OVER : due + intervalNs;
    }

    /** Whether this state says no more than a fresh one. */
    static boolean idle(long state, long nowNs) {
        return state == FRESH || state - nowNs <= 0;
    }
}

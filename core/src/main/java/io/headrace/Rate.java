package io.headrace;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * So many events in a time, and so many at once (the generic cell rate algorithm, ITU-T I.371): one number is all the state there is, the
 * time at which everything that came so far would have come at exactly the rate. For stages.
 *
 * @param intervalNs how far apart events are at the rate
 * @param toleranceNs how much too early one may come
 */
public record Rate(long intervalNs, long toleranceNs) {
    /** The state before anything has come. */
    public static final long FRESH = Long.MIN_VALUE;
    /** In the place of a state: one event too many. */
    public static final long OVER = Long.MAX_VALUE;

    private static final long MAX_TOLERANCE_NS = Long.MAX_VALUE / 4; // Differences of times must not overflow.

    /** So many events in this time, {@code burst} of them at once. */
    public static Rate of(int events, Duration time, int burst) {
        long intervalNs = Math.max(1, time.toNanos() / events);
        long early = burst - 1L;
        return new Rate(intervalNs, early > MAX_TOLERANCE_NS / intervalNs ? MAX_TOLERANCE_NS : early * intervalNs);
    }

    /** So many events a second. */
    public static Rate perSecond(int events, int burst) {
        return of(events, Duration.ofSeconds(1), burst);
    }

    /** Adds what is wrong with a rate per second. */
    public static void check(Problems problems, String stage, int perSecond, int burst) {
        problems.expect(perSecond >= 1 && perSecond <= 100_000_000, stage + ".of", perSecond, "1 to 100000000");
        problems.expect(burst >= 1, stage + ".burst", burst, ">= 1");
    }

    /** The state after one more event, or {@link #OVER}. */
    public long next(long state, long nowNs) {
        long due = state == FRESH || state - nowNs < 0 ? nowNs : state;
        return due - nowNs > toleranceNs ? OVER : due + intervalNs;
    }

    /** Whether one more event is within the rate; then it counts. Any thread. */
    public boolean admits(AtomicLong state, long nowNs) {
        while (true) {
            long before = state.get();
            long after = next(before, nowNs);
            if (after == OVER) {
                return false;
            }
            if (state.compareAndSet(before, after)) {
                return true;
            }
        }
    }

    /** Whether this state says no more than a fresh one. */
    static boolean idle(long state, long nowNs) {
        return state == FRESH || state - nowNs <= 0;
    }
}

package io.headrace;

/**
 * The time in which a loop stood still, because its process was stopped: it is nobody's, and what sweeps are given leaves it out.
 *
 * <pre>
 *  by the clock   --sweep------|.............stopped.............|--late round------sweep--
 *  to the sweeps  --sweep------|--late round------sweep--
 * </pre>
 *
 * <p>Event loop only.
 */
final class StoppedTime {
    /** Stops that a stamp from before them is rid of; earlier ones count as any time does. */
    private static final int REMEMBERED = 8;

    private final long[] endsNs = new long[REMEMBERED];
    private final long[] lengthsNs = new long[REMEMBERED];
    private int next;
    private long allNs;

    void add(long endNs, long lengthNs) {
        endsNs[next] = endNs;
        lengthsNs[next] = lengthNs;
        next = (next + 1) % REMEMBERED;
        allNs += lengthNs;
    }

    /** What the clock said then, as sweeps are told it. Within a stop it is the moment at which that began. */
    long leftOutOf(long thenNs) {
        long beforeNs = allNs;
        for (int i = 0; i < REMEMBERED && allNs > 0; i++) {
            beforeNs -= Math.max(0, Math.min(lengthsNs[i], endsNs[i] - thenNs));
        }
        return thenNs - beforeNs;
    }
}

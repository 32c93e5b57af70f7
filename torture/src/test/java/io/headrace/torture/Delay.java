package io.headrace.torture;

import java.time.Duration;
import java.util.Random;

/**
 * How much later the bytes of a stream pass: the latency, give or take the jitter, which is drawn once for each block of them. So one seed makes the
 * same delays, whatever pieces the bytes were read in.
 */
final class Delay {
    private static final int BLOCK_BYTES = 1_024;

    private final long latencyNs;
    private final long jitterNs;
    private final Random random;
    private long blocks;
    private long ns;

    Delay(Duration latency, Duration jitter, long seed) {
        this.latencyNs = latency.toNanos();
        this.jitterNs = jitter.toNanos();
        this.random = new Random(seed);
    }

    /** Of the byte at this offset, which is never less than the one asked for before. */
    long ns(long offset) {
        for (; blocks <= offset / BLOCK_BYTES; blocks++) {
            ns = latencyNs + (long) ((2 * random.nextDouble() - 1) * jitterNs);
        }
        return ns;
    }

    /** How many bytes from this offset on have one delay. */
    int alike(long offset) {
        return jitterNs == 0 ? Integer.MAX_VALUE : (int) (BLOCK_BYTES - offset % BLOCK_BYTES);
    }
}

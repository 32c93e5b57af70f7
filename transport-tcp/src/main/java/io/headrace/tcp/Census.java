package io.headrace.tcp;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** How many connections of an endpoint are open or on their way to their loop; somebody may wait until none is. Any thread. */
final class Census {
    private final AtomicInteger open = new AtomicInteger();
    private volatile boolean awaited;

    void came() {
        open.incrementAndGet();
    }

    void left() {
        if (open.decrementAndGet() == 0 && awaited) {
            synchronized (this) {
                notifyAll();
            }
        }
    }

    int open() {
        return open.get();
    }

    /** Waits for a moment when none is open; false when {@code timeoutNs} was not enough. */
    synchronized boolean awaitNone(long timeoutNs) throws InterruptedException {
        awaited = true;
        long leftNs = timeoutNs;
        while (open.get() > 0) {
            if (leftNs <= 0) {
                return false;
            }
            // In slices, so that a count that fell just before the wait costs little.
            long sliceNs = Math.min(leftNs, TimeUnit.MILLISECONDS.toNanos(50));
            TimeUnit.NANOSECONDS.timedWait(this, sliceNs);
            leftNs -= sliceNs;
        }
        return true;
    }
}

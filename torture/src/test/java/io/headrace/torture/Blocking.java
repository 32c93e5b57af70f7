package io.headrace.torture;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Code that does on an event loop what it must not. Its name stands in the stack that the watchdog reports. */
final class Blocking {

    private Blocking() {}

    /** Ten seconds at most. */
    static void until(CountDownLatch over) {
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (over.getCount() > 0 && System.nanoTime() < endNs) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    static void forMs(long ms) {
        long endNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms);
        for (long leftNs; (leftNs = endNs - System.nanoTime()) > 0; ) {
            LockSupport.parkNanos(leftNs);
        }
    }
}

package io.headrace;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Where threads of a test wait until it lets them go on, for ten seconds at most. */
public final class TestGate {
    private final CountDownLatch open = new CountDownLatch(1);

    public void await() throws InterruptedException {
        if (!open.await(10, TimeUnit.SECONDS)) {
            throw new AssertionError("nobody opened the gate");
        }
    }

    public void open() {
        open.countDown();
    }
}

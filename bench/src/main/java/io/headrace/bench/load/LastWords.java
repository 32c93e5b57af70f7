package io.headrace.bench.load;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What is still said when the process is told to end (SIGINT, SIGTERM). The JVM waits for its hooks: what was measured until then is reported
 * before it ends with 130 or 143.
 */
public final class LastWords implements AutoCloseable {
    /** How long a report may take to be written. */
    private static final int PATIENCE_S = 10;

    private final CountDownLatch said = new CountDownLatch(1);
    private final Runnable interrupt;
    private final Thread hook;

    /**
     * From now on the process does not end at once.
     *
     * @param interrupt makes the main thread stop measuring and report; called on the thread of this name
     */
    public LastWords(String thread, Runnable interrupt) {
        this.interrupt = interrupt;
        hook = new Thread(this::await, thread);
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void await() {
        interrupt.run();
        try {
            if (!said.await(PATIENCE_S, TimeUnit.SECONDS)) {
                System.err.println("headrace: interrupted, and the report could not be written in time");
            }
        } catch (InterruptedException told) {
            Thread.currentThread().interrupt();
        }
    }

    /** They are said, or none are needed. */
    @Override
    public void close() {
        said.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // It has run, or is about to.
        }
    }
}

package io.headrace.bench.load;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Runs plans one after the other, until the process is told to end (SIGINT, SIGTERM). The JVM waits for its hooks: what was measured until
 * then is reported before it ends with 130 or 143.
 */
final class Runs implements AutoCloseable {
    /** How long a report may take to be written when the process is told to end. */
    private static final int LAST_WORDS_S = 10;

    private final CountDownLatch reported = new CountDownLatch(1);
    private final Thread hook = new Thread(this::lastWords, "load-interrupt");
    private Run run;
    private boolean interrupted;

    Runs() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    Report run(Plan plan, Consumer<Interval> live) {
        Run next = new Run(plan, live);
        synchronized (this) {
            run = next;
            if (interrupted) {
                run.interrupt();
            }
        }
        return next.go();
    }

    synchronized boolean interrupted() {
        return interrupted;
    }

    private void lastWords() {
        synchronized (this) {
            interrupted = true;
            if (run != null) {
                run.interrupt();
            }
        }
        try {
            if (!reported.await(LAST_WORDS_S, TimeUnit.SECONDS)) {
                System.err.println("headrace load: interrupted, and the report could not be written in time");
            }
        } catch (InterruptedException told) {
            Thread.currentThread().interrupt();
        }
    }

    /** The last report is written. */
    @Override
    public void close() {
        reported.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // It has run, or is about to.
        }
    }
}

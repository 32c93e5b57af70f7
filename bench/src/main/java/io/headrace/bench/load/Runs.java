package io.headrace.bench.load;

import java.util.function.Consumer;

/** Runs plans one after the other, until the process is told to end. */
final class Runs implements AutoCloseable {
    private final LastWords lastWords = new LastWords("load-interrupt", this::interrupt);
    private Run run;
    private boolean interrupted;

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

    private synchronized void interrupt() {
        interrupted = true;
        if (run != null) {
            run.interrupt();
        }
    }

    /** The last report is written. */
    @Override
    public void close() {
        lastWords.close();
    }
}

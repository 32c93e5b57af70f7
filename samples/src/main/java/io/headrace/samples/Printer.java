package io.headrace.samples;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Prints lines on a thread of its own: a terminal or a pipe that stalls must not stall an event loop. What it does not take in time is
 * left out, and counted. Any thread.
 */
final class Printer {
    private static final int MAX_WAITING = 10_000;

    private final Console console;
    private final BlockingQueue<String> waiting;
    private final AtomicInteger leftOut = new AtomicInteger();

    Printer(Console console) {
        this(console, MAX_WAITING);
        Thread thread = new Thread(this::printForever, "printer");
        thread.setDaemon(true);
        thread.start();
    }

    /** Prints nothing by itself. */
    Printer(Console console, int maxWaiting) {
        this.console = console;
        waiting = new ArrayBlockingQueue<>(maxWaiting);
    }

    /** Never blocks. */
    void line(String text) {
        if (!waiting.offer(text)) {
            leftOut.incrementAndGet();
        }
    }

    private void printForever() {
        try {
            while (true) {
                printNext();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    void printNext() throws InterruptedException {
        console.line(waiting.take());
        int missing = waiting.isEmpty() ? leftOut.getAndSet(0) : 0;
        if (missing > 0) {
            console.line("(" + missing + " lines left out: nobody read them)");
        }
    }
}

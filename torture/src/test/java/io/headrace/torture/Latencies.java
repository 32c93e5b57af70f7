package io.headrace.torture;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * How long answers took, in windows of about a quarter of a second, less what the server waited for a processor. Any thread.
 *
 * <p>What is taken off an answer is the sum, over all of the server's loops, of the time that they were ready to run and did not ({@code
 * schedstat}, second number), in the window in which the answer came and in the one before: an answer that took longer than a window began
 * there. That is the machine's doing, and nothing that a server could mend. It is the most that the answer can have lost in that way, not
 * what it has lost: which loop served it, and when within the window that waited, is not known. So where other processes keep the processors
 * busy, an answer may count as none at all, and only what is slower by more than that is seen; where they do not, next to nothing is taken
 * off. What a server does to itself, by blocking or working, is never ready and waiting, unless its own loops keep each other waiting.
 */
final class Latencies {
    static final long WINDOW_NS = TimeUnit.MILLISECONDS.toNanos(250);
    /** Fewer answers than this say nothing about a window. */
    private static final int FEWEST = 50;

    private long[] tookNs = new long[4_096];
    private int[] window = new int[4_096];
    private long[] waitedNs = new long[64];
    private long lastWaitedNs;
    private int windows;
    private int count;

    /** {@code waitedNs}: how long the server has waited for a processor so far. */
    Latencies(long waitedNs) {
        lastWaitedNs = waitedNs;
    }

    synchronized void add(long ns) {
        if (count == tookNs.length) {
            tookNs = Arrays.copyOf(tookNs, 2 * count);
            window = Arrays.copyOf(window, 2 * count);
        }
        window[count] = windows;
        tookNs[count++] = ns;
        notifyAll();
    }

    /** Begins the next window. */
    synchronized void windowEnds(long serverWaitedNs) {
        if (windows == waitedNs.length) {
            waitedNs = Arrays.copyOf(waitedNs, 2 * windows);
        }
        waitedNs[windows++] = serverWaitedNs - lastWaitedNs;
        lastWaitedNs = serverWaitedNs;
    }

    /** Waits for so many, a minute at most. */
    synchronized void await(int answers) throws InterruptedException {
        long deadlineNs = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (count < answers && System.nanoTime() < deadlineNs) {
            wait(100);
        }
    }

    synchronized int count() {
        return count;
    }

    synchronized long p99Ns() {
        return p99(0, count);
    }

    /** The p99 of the worst window. */
    synchronized long worstP99Ns() {
        long worst = p99Ns();
        int from = 0;
        for (int i = 1; i <= count; i++) {
            if (i == count || window[i] != window[from]) {
                if (i - from >= FEWEST) {
                    worst = Math.max(worst, p99(from, i));
                }
                from = i;
            }
        }
        return worst;
    }

    private long p99(int from, int to) {
        if (from == to) {
            return 0;
        }
        long[] own = new long[to - from];
        for (int i = from; i < to; i++) {
            own[i - from] = Math.max(0, tookNs[i] - waited(window[i]) - waited(window[i] - 1));
        }
        Arrays.sort(own);
        return own[(int) (own.length * 0.99)];
    }

    private long waited(int window) {
        return window < 0 || window >= windows ? 0 : waitedNs[window];
    }
}

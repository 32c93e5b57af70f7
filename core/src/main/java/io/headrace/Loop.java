package io.headrace;

import io.netty.channel.EventLoop;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One event loop with its one coarse sweep: every clock of every connection on it is checked in one round, as often as the finest
 * of them asks for, at most a second apart.
 */
final class Loop implements LoopHealth {
    private static final Logger LOG = LoggerFactory.getLogger(Loops.class);
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final long COARSEST_NS = Duration.ofSeconds(1).toNanos();
    private static final long FINEST_NS = Duration.ofMillis(1).toNanos();

    private final EventLoop eventLoop;
    private final Thread thread;
    private final Clock clock;
    private final List<LongConsumer> rounds = new CopyOnWriteArrayList<>();
    private final StoppedTime stopped = new StoppedTime();
    private long periodNs = COARSEST_NS;
    private Future<?> sweeping;
    // Event loop only.
    private long lastCpuNs;
    private long lastCpuAtNs;
    // Written on the event loop, read by meters.
    private volatile long lagNs;
    private volatile double utilization;

    Loop(EventLoop eventLoop, Thread thread, Clock clock) {
        this.eventLoop = eventLoop;
        this.thread = thread;
        this.clock = clock;
        sweepEvery(periodNs);
    }

    EventLoop eventLoop() {
        return eventLoop;
    }

    Clock clock() {
        return clock;
    }

    Thread thread() {
        return thread;
    }

    Runnable onSweep(LongConsumer round) {
        rounds.add(round);
        return () -> rounds.remove(round);
    }

    /** What the clock said then, as sweeps are told it: without the time that the process was stopped. Event loop only. */
    long sweptNs(long thenNs) {
        return stopped.leftOutOf(thenNs);
    }

    /** Sweeps at least as often as this. */
    synchronized void refine(Duration resolution) {
        long wantedNs = Math.max(FINEST_NS, resolution.toNanos());
        if (wantedNs < periodNs) {
            periodNs = wantedNs;
            sweepEvery(wantedNs);
        }
    }

    private void sweepEvery(long periodNs) {
        if (sweeping != null) {
            sweeping.cancel(false);
        }
        sweeping = clock.every(periodNs, eventLoop, new Sweeping(periodNs));
    }

    /** Sweeps at one period; a finer one takes its place. Made by any thread, runs on the event loop. */
    private final class Sweeping implements Runnable {
        private final long periodNs;
        private long lastNs = clock.nanoTime();
        private boolean skipped;

        Sweeping(long periodNs) {
            this.periodNs = periodNs;
        }

        @Override
        public void run() {
            long nowNs = clock.nanoTime();
            long lateNs = Math.max(0, nowNs - lastNs - periodNs);
            lastNs = nowNs;
            lagNs = lateNs;
            measureUse(nowNs);
            // A process that was stopped for a while has not seen what its peers sent meanwhile: let it read first,
            // judge next time, and by the time that it ran. Never twice in a row, or a loop that is always late would
            // have no clocks at all.
            skipped = !skipped && lateNs > Math.max(COARSEST_NS, 2 * periodNs);
            if (skipped) {
                stopped.add(nowNs, lateNs);
            } else {
                sweep(sweptNs(nowNs));
            }
        }
    }

    private void sweep(long nowNs) {
        for (LongConsumer round : rounds) {
            try {
                round.accept(nowNs);
            } catch (Throwable fault) {
                LOG.warn("a sweep of {} failed", thread.getName(), fault);
            }
        }
    }

    private void measureUse(long nowNs) {
        long cpuNs = THREADS.isCurrentThreadCpuTimeSupported() ? THREADS.getCurrentThreadCpuTime() : 0;
        long elapsedNs = nowNs - lastCpuAtNs;
        if (elapsedNs > 0 && lastCpuNs > 0) {
            utilization = Math.min(1.0, (double) (cpuNs - lastCpuNs) / elapsedNs);
        }
        lastCpuNs = cpuNs;
        lastCpuAtNs = nowNs;
    }

    synchronized void stopSweeping() {
        sweeping.cancel(false);
    }

    @Override
    public String name() {
        return thread.getName();
    }

    @Override
    public long lagNs() {
        return lagNs;
    }

    @Override
    public double utilization() {
        return utilization;
    }
}

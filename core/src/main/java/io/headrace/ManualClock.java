package io.headrace;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;

/** A clock for tests: it stands still until {@link #advance} moves it, and loops that use it check their clocks just then. */
public final class ManualClock implements Clock {
    private final List<Round> rounds = new CopyOnWriteArrayList<>();
    private volatile long nowNs = 1_000_000_000L;

    ManualClock() {}

    @Override
    public long nanoTime() {
        return nowNs;
    }

    @Override
    public Future<?> every(long periodNs, EventLoop loop, Runnable task) {
        Round round = new Round(periodNs, loop, task, nowNs + periodNs);
        rounds.add(round);
        return round;
    }

    /** Moves time on, running every periodic check that falls due, each at its own time; returns when all have run. */
    public synchronized void advance(Duration by) {
        long target = nowNs + by.toNanos();
        for (Optional<Round> due; (due = firstDue(target)).isPresent(); ) {
            nowNs = Math.max(nowNs, due.get().dueNs);
            due.get().run();
        }
        nowNs = target;
    }

    /** Moves time on as it does for a process that was stopped meanwhile: what fell due runs once, late; returns when all have run. */
    public synchronized void pause(Duration by) {
        nowNs += by.toNanos();
        for (Optional<Round> due; (due = firstDue(nowNs)).isPresent(); ) {
            due.get().dueNs = nowNs;
            due.get().run();
        }
    }

    private Optional<Round> firstDue(long target) {
        rounds.removeIf(Future::isDone);
        return rounds.stream()
                .filter(round -> round.dueNs <= target)
                .min(Comparator.comparingLong(round -> round.dueNs));
    }

    private static final class Round extends CompletableFuture<Void> {
        private final long periodNs;
        private final EventLoop loop;
        private final Runnable task;
        private volatile long dueNs;

        Round(long periodNs, EventLoop loop, Runnable task, long dueNs) {
            this.periodNs = periodNs;
            this.loop = loop;
            this.task = task;
            this.dueNs = dueNs;
        }

        void run() {
            dueNs += periodNs;
            if (loop.inEventLoop()) {
                task.run();
                return;
            }
            try {
                loop.submit(task).syncUninterruptibly();
            } catch (RejectedExecutionException stopped) {
                cancel(false);
            }
        }
    }
}

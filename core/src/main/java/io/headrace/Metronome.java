package io.headrace;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The thread that tells event loops when a round is due, one for all loops of the process. It ends when there are none.
 *
 * <p>A loop with a timer of its own pays for it each time it waits, and {@link AttentiveLoop} need not.
 */
final class Metronome {
    static final Metronome SHARED = new Metronome("headrace-metronome", Duration.ofSeconds(1));

    private final ScheduledThreadPoolExecutor thread;

    Metronome(String name, Duration idle) {
        thread = new ScheduledThreadPoolExecutor(1, task -> Loops.thread(name, task));
        thread.setRemoveOnCancelPolicy(true);
        thread.setKeepAliveTime(idle.toNanos(), TimeUnit.NANOSECONDS);
        thread.allowCoreThreadTimeOut(true);
    }

    /** Has {@code task} run on the loop again and again, {@code periodNs} apart, until the result is cancelled. Any thread. */
    Future<?> every(long periodNs, EventLoop loop, Runnable task) {
        // Fixed delay: after the process was stopped for a while, missed rounds must not be made up for in a burst.
        return thread.scheduleWithFixedDelay(new Beat(loop, task), periodNs, periodNs, TimeUnit.NANOSECONDS);
    }

    /** One round at a time: those that a blocked loop has missed do not pile up there either. */
    private static final class Beat implements Runnable {
        private final EventLoop loop;
        private final Runnable task;
        private final AtomicBoolean due = new AtomicBoolean();

        Beat(EventLoop loop, Runnable task) {
            this.loop = loop;
            this.task = task;
        }

        /** On the metronome's thread. A loop that has ended refuses, and that is the end of it here, too. */
        @Override
        public void run() {
            if (!due.getAndSet(true)) {
                loop.execute(this::onLoop);
            }
        }

        private void onLoop() {
            due.set(false);
            task.run();
        }
    }
}

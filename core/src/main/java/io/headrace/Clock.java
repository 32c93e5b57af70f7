package io.headrace;

import io.netty.channel.EventLoop;
import java.util.concurrent.Future;

/**
 * The one place that reads time, so that tests move it by hand. Never the wall clock: a step of the system's time changes
 * nothing.
 */
public interface Clock {

    /** Nanoseconds; only differences mean anything. Any thread. */
    long nanoTime();

    /** Runs {@code task} on the loop again and again, {@code periodNs} apart, until the result is cancelled. */
    Future<?> every(long periodNs, EventLoop loop, Runnable task);

    /** The machine's monotonic clock. */
    static Clock system() {
        return SystemClock.INSTANCE;
    }

    /** A clock that stands still until it is moved. */
    static ManualClock manual() {
        return new ManualClock();
    }

    /** The machine's monotonic clock. */
    enum SystemClock implements Clock {
        INSTANCE;

        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public Future<?> every(long periodNs, EventLoop loop, Runnable task) {
            return Metronome.SHARED.every(periodNs, loop, task);
        }
    }
}

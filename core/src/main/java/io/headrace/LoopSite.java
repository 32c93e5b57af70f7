package io.headrace;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.function.LongConsumer;

/** One event loop of one running endpoint, as the stages see it. */
public interface LoopSite {

    EventLoop eventLoop();

    /** The time by the loop's clock, in nanoseconds; only differences mean anything. */
    long nanoTime();

    /**
     * What {@link #nanoTime} said then, on the clock of sweeps: that leaves out the time in which the process was stopped, which is nobody's. To
     * be compared with what a sweep is given, and not kept. Event loop only.
     */
    long sweptNs(long thenNs);

    /** Tells {@code watch} of every channel of this endpoint on this loop. Only while the stage opens. */
    void watch(Watch watch);

    /**
     * Checks every connection of this endpoint on this loop in one coarse sweep, not by a timer each. Only while the stage opens.
     *
     * @param resolution how far apart two sweeps may be, at most
     */
    void sweep(Duration resolution, Sweep sweep);

    /**
     * Runs {@code round} with the time, as {@link #sweptNs} tells it, on the event loop, again and again, until the result is run: give that to {@link Site#onStop}.
     * Starting thread.
     *
     * @param resolution how far apart two rounds may be, at most
     */
    Runnable onSweep(Duration resolution, LongConsumer round);

    /** How long a clock of this endpoint on this loop waits now: {@code limitNs}, or less while {@link #hurry} says so. Event loop only. */
    long patience(long limitNs);

    /** Makes the clocks that ask for their {@link #patience} run out so many times as soon; 1 again for what was set. Event loop only. */
    void hurry(int times);

    /** Shows every connection of this endpoint on this loop to {@code visitor}, now. Event loop only. */
    void visit(Sweep visitor);
}

package io.headrace.udp;

import io.netty.channel.EventLoop;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/** The way from other threads onto the event loop, for a bounded number of messages at a time. Any thread. */
final class Handover {
    private static final int MAX_UNDER_WAY = 1_024;

    private final EventLoop loop;
    private final Runnable onRefused;
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();

    /** Runs {@code onRefused} on the event loop, some time later, for each task that was refused because too many were under way. */
    Handover(EventLoop loop, Runnable onRefused) {
        this.loop = loop;
        this.onRefused = onRefused;
    }

    /** Has the event loop run {@code task} soon; false when it will not. */
    boolean execute(Runnable task) {
        if (underWay.incrementAndGet() <= MAX_UNDER_WAY) {
            return submit(task);
        }
        refused.incrementAndGet();
        if (underWay.decrementAndGet() == 0) { // Nobody is left on the way who would count it.
            underWay.incrementAndGet();
            submit(() -> {});
        }
        return false;
    }

    private boolean submit(Runnable task) {
        try {
            loop.execute(() -> {
                underWay.decrementAndGet();
                for (int i = refused.getAndSet(0); i > 0; i--) {
                    onRefused.run();
                }
                task.run();
            });
            return true;
        } catch (RejectedExecutionException loopEnded) {
            underWay.decrementAndGet();
            return false;
        }
    }
}

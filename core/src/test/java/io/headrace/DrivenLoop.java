package io.headrace;

import io.netty.channel.EventLoop;
import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.local.LocalIoHandler;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * An event loop that the thread which made it runs by hand, with clocks that stand still: what happens on it depends on nothing but what the
 * test does, so a test that draws its steps from a seed does the same again for the same seed.
 */
public final class DrivenLoop implements AutoCloseable {
    /** What has not come to rest after so many turns never will. */
    private static final int MAX_TURNS = 100_000;

    private static final Duration SLICE = Duration.ofMillis(100);

    private final ManualClock clock = Clock.manual();
    private final MockTicker ticker = Ticker.newMockTicker();
    private final ManualIoEventLoop eventLoop =
            new ManualIoEventLoop(null, Thread.currentThread(), LocalIoHandler.newFactory(), ticker);
    private final Loops loops = Loops.driven(eventLoop, Thread.currentThread(), clock);
    private OpenEndpoint open;

    public Loops loops() {
        return loops;
    }

    public EventLoop eventLoop() {
        return eventLoop;
    }

    /** Binds it here and lets peers in. One endpoint for each loop. */
    public Transport.Listener listen(Endpoint endpoint) throws Exception {
        open = endpoint.open();
        Transport.Listener listener = endpoint.listen(open);
        listener.accept();
        settle();
        return listener;
    }

    /** Runs everything that is to be done now. */
    public void settle() {
        for (int turn = 0; eventLoop.runNow() > 0; turn++) {
            if (turn > MAX_TURNS) {
                throw new AssertionError("no rest after " + MAX_TURNS + " turns");
            }
        }
    }

    /** Moves time on, a tenth of a second at a time: sweeps and timers run when they are due. */
    public void advance(Duration by) {
        for (Duration left = by; left.compareTo(Duration.ZERO) > 0; left = left.minus(SLICE)) {
            clock.advance(SLICE);
            ticker.advance(SLICE.toNanos(), TimeUnit.NANOSECONDS);
            settle();
        }
    }

    /** Everything that ran on it must have been closed. The loop itself has no thread and no descriptor, so it needs no end. */
    @Override
    public void close() {
        if (open != null) {
            open.close();
        }
    }
}

package io.headrace.stage;

import io.headrace.EndListener;
import io.headrace.Exchange;
import io.headrace.Handler;
import io.headrace.LoopSite;
import io.headrace.MessageStage;
import io.headrace.Outcome;
import io.headrace.Problems;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.Text;
import java.time.Duration;
import java.util.ArrayDeque;

/**
 * How long an exchange may be open; then it ends as {@link Outcome#EXPIRED}, and whatever it holds of a limit is given back.
 *
 * <p>An expired exchange closes its stream unless the endpoint has an {@code otherwise}; on datagrams it is silent. A late answer goes nowhere:
 * {@code reply} returns false. Found by the loop's sweep, so at most a sixteenth of the duration late, or a second.
 *
 * <p>A handler that runs on is not touched: on workers, {@link io.headrace.Workers#interrupting()} interrupts it. One that blocks the event
 * loop blocks this clock, too.
 */
public final class Deadline implements MessageStage {
    private final Duration duration;

    private Deadline(Duration duration) {
        this.duration = duration;
    }

    public static Deadline of(Duration duration) {
        return new Deadline(duration);
    }

    @Override
    public Slot slot() {
        return Slot.DEADLINE;
    }

    @Override
    public void check(Problems problems) {
        problems.expectPositive("Deadline", duration);
    }

    @Override
    public PerLoop open(Site site) {
        return (next, loop) -> {
            Watching watching = new Watching(next, loop, duration.toNanos());
            site.onStop(loop.onSweep(duration.dividedBy(16), watching::sweep)::run);
            return watching;
        };
    }

    @Override
    public String toString() {
        return "Deadline " + Text.of(duration);
    }

    /**
     * The exchanges of one loop that have outlived their handlers. With one duration for all they fall due in the order in which they came, so
     * a queue is enough. Event loop only.
     */
    private static final class Watching implements Handler<Object, Object>, EndListener {
        /** Up to so many that have ended may stay between those that have not. */
        private static final int SLACK = 64;

        private final Handler<Object, Object> next;
        private final LoopSite loop;
        private final long limitNs;
        private final ArrayDeque<Exchange<?>> queue = new ArrayDeque<>();
        private int open;

        Watching(Handler<Object, Object> next, LoopSite loop, long limitNs) {
            this.next = next;
            this.loop = loop;
            this.limitNs = limitNs;
        }

        @Override
        public void handle(Object message, Exchange<Object> exchange) throws Exception {
            next.handle(message, exchange);
            if (exchange.outcome() == null) { // Else it was over with its handler, as most are.
                exchange.onEnd(this);
                queue.add(exchange);
                open++;
            }
        }

        @Override
        public void ended(Exchange<?> exchange, Outcome outcome) {
            open--;
            dropEnded();
            if (queue.size() > 2 * open + SLACK) { // A slow one in front keeps those behind it.
                queue.removeIf(each -> each.outcome() != null);
            }
        }

        private void dropEnded() {
            for (Exchange<?> oldest; (oldest = queue.peek()) != null && oldest.outcome() != null; ) {
                queue.poll();
            }
        }

        void sweep(long nowNs) {
            for (Exchange<?> oldest; (oldest = queue.peek()) != null && openNs(oldest, nowNs) >= limitNs; ) {
                queue.poll();
                oldest.expire();
            }
        }

        private long openNs(Exchange<?> exchange, long nowNs) {
            return nowNs - loop.sweptNs(exchange.startedNs());
        }

        @Override
        public boolean holdsExchange() {
            return next.holdsExchange();
        }
    }
}

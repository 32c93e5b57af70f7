package io.headrace.stage;

import io.headrace.EndListener;
import io.headrace.Exchange;
import io.headrace.Handler;
import io.headrace.MessageStage;
import io.headrace.Outcome;
import io.headrace.Problems;
import io.headrace.Site;
import io.headrace.Slot;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * So many exchanges open at a time, over all loops of the endpoint; one more is refused at once, as {@link Outcome#REFUSED}.
 *
 * <p>Never more than that are open, and each gives its place back exactly once, however it ends: replied, failed, expired, or abandoned
 * with its connection. Refused exchanges close their stream unless the endpoint has an {@code otherwise}; on datagrams they are silent.
 */
public final class InFlightLimit implements MessageStage {
    private static final int NONE = Integer.MAX_VALUE;

    private final int limit;
    private final int perConnection;

    private InFlightLimit(int limit, int perConnection) {
        this.limit = limit;
        this.perConnection = perConnection;
    }

    /** So many for the whole endpoint. */
    public static InFlightLimit of(int exchanges) {
        return new InFlightLimit(exchanges, NONE);
    }

    /**
     * And so many for each connection, on datagrams for each address. Their table has an entry only for those with an exchange open, so the
     * limit of the endpoint bounds it.
     */
    public InFlightLimit perConnection(int exchanges) {
        return new InFlightLimit(limit, exchanges);
    }

    @Override
    public Slot slot() {
        return Slot.LIMIT;
    }

    @Override
    public void check(Problems problems) {
        problems.expect(limit >= 1, "InFlightLimit", limit, ">= 1");
        problems.expect(perConnection >= 1, "InFlightLimit.perConnection", perConnection, ">= 1");
    }

    @Override
    public PerLoop open(Site site) {
        AtomicInteger open = new AtomicInteger();
        return (next, loop) -> {
            Handler<Object, Object> limited = new Limited(next, limit, open);
            return perConnection == NONE ? limited : new LimitedEach(limited, perConnection);
        };
    }

    @Override
    public String toString() {
        return "InFlightLimit " + limit + (perConnection == NONE ? "" : ", per connection " + perConnection);
    }

    /** Over all loops. One listener for all exchanges of a loop, so a message costs two atomic additions and no object. */
    private record Limited(Handler<Object, Object> next, int limit, AtomicInteger open)
            implements Handler<Object, Object>, EndListener {

        @Override
        public void handle(Object message, Exchange<Object> exchange) throws Exception {
            for (int now; (now = open.get()) < limit; ) {
                if (open.compareAndSet(now, now + 1)) {
                    exchange.onEnd(this);
                    next.handle(message, exchange);
                    return;
                }
            }
            exchange.refuse();
        }

        @Override
        public void ended(Exchange<?> exchange, Outcome outcome) {
            open.decrementAndGet();
        }

        @Override
        public boolean holdsExchange() {
            return next.holdsExchange();
        }
    }

    /** For each connection of one loop: all its exchanges are there. */
    private static final class LimitedEach implements Handler<Object, Object>, EndListener {
        private final Handler<Object, Object> next;
        private final int limit;
        private final Map<Object, int[]> open = new HashMap<>();

        LimitedEach(Handler<Object, Object> next, int limit) {
            this.next = next;
            this.limit = limit;
        }

        @Override
        public void handle(Object message, Exchange<Object> exchange) throws Exception {
            Object key = exchange.peer().key();
            int[] count = open.computeIfAbsent(key, fresh -> new int[1]);
            if (count[0] >= limit) {
                exchange.refuse();
                return;
            }
            count[0]++;
            exchange.onEnd(this);
            next.handle(message, exchange);
        }

        @Override
        public void ended(Exchange<?> exchange, Outcome outcome) {
            Object key = exchange.peer().key();
            if (--open.get(key)[0] == 0) {
                open.remove(key);
            }
        }

        @Override
        public boolean holdsExchange() {
            return next.holdsExchange();
        }
    }
}

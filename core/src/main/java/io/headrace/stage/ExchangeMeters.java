package io.headrace.stage;

import io.headrace.EndListener;
import io.headrace.Exchange;
import io.headrace.Handler;
import io.headrace.LoopSite;
import io.headrace.MessageStage;
import io.headrace.Meter;
import io.headrace.Outcome;
import io.headrace.Site;
import io.headrace.Slot;
import io.micrometer.core.instrument.MeterRegistry;

/** The meters of messages. Allocates nothing for a message: one object listens to the ends of all exchanges of a loop. */
record ExchangeMeters(MeterRegistry registry) implements MessageStage {
    private static final int BEGUN = 0;
    private static final int OUTCOMES = Outcome.values().length;
    private static final int ENDED = 1; // One for each outcome from here on.
    private static final int TOOK_NS = ENDED + OUTCOMES; // One for each outcome from here on.
    private static final int SIZE = TOOK_NS + OUTCOMES;

    @Override
    public Slot slot() {
        return Slot.MEASURE;
    }

    @Override
    public PerLoop open(Site site) {
        Counts counts = new Counts(SIZE);
        EndpointMeters meters = EndpointMeters.open(registry, site, counts);
        if (site.meters().contains(Meter.EXCHANGES)) {
            for (Outcome outcome : Outcome.values()) {
                meters.timer(
                        Meter.EXCHANGES,
                        outcome.tag(),
                        all -> all.sum(ENDED + outcome.ordinal()),
                        all -> all.sum(TOOK_NS + outcome.ordinal()));
            }
        }
        if (site.meters().contains(Meter.EXCHANGES_OPEN)) {
            meters.gauge(Meter.EXCHANGES_OPEN, ExchangeMeters::open);
        }
        return (next, loop) -> new Counting(next, loop, counts.onLoop());
    }

    private static double open(Counts counts) {
        long ended = counts.sum(ENDED, OUTCOMES); // First: what begins meanwhile must not make the difference negative.
        return counts.sum(BEGUN) - ended;
    }

    @Override
    public String toString() {
        return "metrics";
    }

    private record Counting(Handler<Object, Object> next, LoopSite loop, Counts.OnLoop counts)
            implements Handler<Object, Object>, EndListener {

        @Override
        public void handle(Object message, Exchange<Object> exchange) throws Exception {
            counts.add(BEGUN, 1);
            exchange.onEnd(this);
            next.handle(message, exchange);
        }

        @Override
        public void ended(Exchange<?> exchange, Outcome outcome) {
            counts.add(TOOK_NS + outcome.ordinal(), loop.nanoTime() - exchange.startedNs());
            counts.add(ENDED + outcome.ordinal(), 1);
        }

        @Override
        public boolean holdsExchange() {
            return next.holdsExchange();
        }
    }
}

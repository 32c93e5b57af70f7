package io.headrace.stage;

import io.headrace.EndListener;
import io.headrace.Exchange;
import io.headrace.Handler;
import io.headrace.MessageStage;
import io.headrace.Outcome;
import io.headrace.Peer;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Two loops have a message each and there is one place: how many were inside when each was, 0 where it was refused; and one fits in again. */
@JCStressTest
@org.openjdk.jcstress.annotations.Outcome(
        id = {"1, 0, 1", "0, 1, 1"},
        expect = Expect.ACCEPTABLE,
        desc = "one was refused")
@org.openjdk.jcstress.annotations.Outcome(id = "1, 1, 1", expect = Expect.ACCEPTABLE, desc = "one after the other")
@org.openjdk.jcstress.annotations.Outcome(expect = Expect.FORBIDDEN, desc = "two were inside, or the place is lost")
@State
public class LastExchange {
    private final AtomicInteger inside = new AtomicInteger();
    private final MessageStage.PerLoop stage = InFlightLimit.of(1).open(null);
    private final Handler<Object, Object> first = stage.around(this::handle, null);
    private final Handler<Object, Object> second = stage.around(this::handle, null);

    private void handle(Object message, Exchange<Object> exchange) {
        ((Seen) exchange).inside = inside.incrementAndGet();
        inside.decrementAndGet();
        exchange.consume();
    }

    @Actor
    public void one(III_Result result) {
        result.r1 = Seen.by(first);
    }

    @Actor
    public void other(III_Result result) {
        result.r2 = Seen.by(second);
    }

    @Arbiter
    public void after(III_Result result) {
        result.r3 = Seen.by(first);
    }

    /** Ends at once, and tells the limit. */
    private static final class Seen implements Exchange<Object> {
        private EndListener listener;
        private int inside;

        static int by(Handler<Object, Object> handler) {
            Seen seen = new Seen();
            try {
                handler.handle("message", seen);
            } catch (Exception impossible) {
                throw new IllegalStateException(impossible);
            }
            return seen.inside;
        }

        @Override
        public boolean consume() {
            listener.ended(this, Outcome.CONSUMED);
            return true;
        }

        @Override
        public void onEnd(EndListener listener) {
            this.listener = listener;
        }

        @Override
        public boolean refuse() {
            return true;
        }

        @Override
        public boolean reply(Object answer) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean fail(Throwable cause) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean expire() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Peer<Object> peer() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Outcome outcome() {
            return null;
        }

        @Override
        public long startedNs() {
            return 0;
        }
    }
}

package io.headrace;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Two threads end an exchange: one of them does. */
@JCStressTest
@Outcome(id = {"true, false", "false, true"}, expect = Expect.ACCEPTABLE, desc = "one has ended it")
@Outcome(expect = Expect.FORBIDDEN, desc = "none or both have")
@State
public class ExchangeEndsOnce {
    private final LiveExchange<Object> exchange = new LiveExchange<>();

    @Actor
    public void one(ZZ_Result result) {
        result.r1 = exchange.claim();
    }

    @Actor
    public void other(ZZ_Result result) {
        result.r2 = exchange.claim();
    }
}

package io.headrace.tcp;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** One of two places is reserved: its owner always gets it, and the others get no more than the rest. */
@JCStressTest
@Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "each has one")
@Outcome(expect = Expect.FORBIDDEN, desc = "a place was lost, or taken from its owner")
@State
public class ReservedPlace {
    private final ConnectionBudget budget = ConnectionBudget.of(2);
    private final ConnectionBudget.Share owner = budget.open(1);
    private final ConnectionBudget.Share others = budget.open(0);

    @Actor
    public void owner(ZZ_Result result) {
        result.r1 = owner.take();
    }

    @Actor
    public void others(ZZ_Result result) {
        result.r2 = others.take() && !others.take();
    }
}

package io.headrace.tcp;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZZ_Result;

/** Two endpoints want the last place of a budget; whoever got it gives it back, and then it is there again. */
@JCStressTest
@Outcome(id = {"true, false, true", "false, true, true"}, expect = Expect.ACCEPTABLE, desc = "one had it")
@Outcome(id = "true, true, true", expect = Expect.ACCEPTABLE, desc = "one after the other")
@Outcome(expect = Expect.FORBIDDEN, desc = "nobody got it, or it is lost")
@State
public class LastPlace {
    private final ConnectionBudget budget = ConnectionBudget.of(1);
    private final ConnectionBudget.Share first = budget.open(0);
    private final ConnectionBudget.Share second = budget.open(0);

    @Actor
    public void one(ZZZ_Result result) {
        result.r1 = taken(first);
    }

    @Actor
    public void other(ZZZ_Result result) {
        result.r2 = taken(second);
    }

    private static boolean taken(ConnectionBudget.Share share) {
        boolean taken = share.take();
        if (taken) {
            share.giveBack();
        }
        return taken;
    }

    @Arbiter
    public void after(ZZZ_Result result) {
        result.r3 = first.take();
    }
}

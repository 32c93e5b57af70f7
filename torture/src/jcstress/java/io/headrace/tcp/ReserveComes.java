package io.headrace.tcp;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZII_Result;

/** An endpoint reserves one of two places while another takes all it gets; when both are gone, there are two places again. */
@JCStressTest
@Outcome(id = "true, 1, 2", expect = Expect.ACCEPTABLE, desc = "the reserve came first")
@Outcome(id = "true, 2, 2", expect = Expect.ACCEPTABLE, desc = "what was taken before stays taken")
@Outcome(expect = Expect.FORBIDDEN, desc = "the reserve does not hold, or a place is lost or made")
@State
public class ReserveComes {
    private final ConnectionBudget budget = ConnectionBudget.of(2);
    private final ConnectionBudget.Share others = budget.open(0);

    @Actor
    public void owner(ZII_Result result) {
        ConnectionBudget.Share share = budget.open(1);
        result.r1 = share.take();
        share.giveBack();
        share.close();
    }

    @Actor
    public void others(ZII_Result result) {
        result.r2 = (others.take() ? 1 : 0) + (others.take() ? 1 : 0);
        for (int i = 0; i < result.r2; i++) {
            others.giveBack();
        }
    }

    @Arbiter
    public void after(ZII_Result result) {
        while (others.take()) {
            result.r3++;
        }
    }
}

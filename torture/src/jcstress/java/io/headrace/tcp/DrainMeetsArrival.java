package io.headrace.tcp;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZI_Result;

/** A peer is accepted and leaves while a drain waits for nobody to be there: the drain comes to its end, and the count is right. */
@JCStressTest
@Outcome(id = "true, 0", expect = Expect.ACCEPTABLE, desc = "nobody was there, before or after")
@Outcome(expect = Expect.FORBIDDEN, desc = "the drain gave up, or somebody is counted who has left")
@State
public class DrainMeetsArrival {
    private final Entrance entrance = new Entrance(List.of(), null);

    @Actor
    public void accept() {
        entrance.came();
        entrance.left(null, null);
    }

    @Actor
    public void drain(ZI_Result result) {
        try {
            result.r1 = entrance.census().awaitNone(TimeUnit.SECONDS.toNanos(1));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    @Arbiter
    public void after(ZI_Result result) {
        result.r2 = entrance.census().open();
    }
}

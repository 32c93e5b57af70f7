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

/** Two peers leave while a drain waits until nobody is there: it comes to an end, and the count is right. */
@JCStressTest
@Outcome(id = "true, 0", expect = Expect.ACCEPTABLE, desc = "everyone has left")
@Outcome(expect = Expect.FORBIDDEN, desc = "the drain would wait for ever, or end too early")
@State
public class DrainWaitsForAll {
    private final Entrance entrance = new Entrance(List.of(), null);

    public DrainWaitsForAll() {
        entrance.came();
        entrance.came(); // Nobody comes in while a server drains.
    }

    @Actor
    public void one() {
        entrance.left(null, null);
    }

    @Actor
    public void otherAndTheDrain(ZI_Result result) {
        entrance.left(null, null);
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

package io.headrace.tcp;

import io.headrace.CloseReason;
import java.util.concurrent.CompletionStage;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/** A thread asks why a connection has ended while its loop ends it: it is told, and so is who asks later. */
@JCStressTest
@Outcome(id = "PEER_RESET, PEER_RESET", expect = Expect.ACCEPTABLE, desc = "everybody was told")
@Outcome(expect = Expect.FORBIDDEN, desc = "somebody waits for ever")
@State
public class ReasonIsTold {
    private final EndNotice notice = new EndNotice() {};
    private CompletionStage<CloseReason> asked;

    @Actor
    public void other() {
        asked = notice.closed();
    }

    @Actor
    public void loop() {
        notice.tellClosed(CloseReason.PEER_RESET);
    }

    @Arbiter
    public void after(LL_Result result) {
        result.r1 = told(asked);
        result.r2 = told(notice.closed());
    }

    private static CloseReason told(CompletionStage<CloseReason> stage) {
        return stage.toCompletableFuture().getNow(null);
    }
}

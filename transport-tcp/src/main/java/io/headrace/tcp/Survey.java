package io.headrace.tcp;

import io.headrace.ConnectionInfo;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * One look at every connection of a loop, some in each turn of it, so that its traffic waits for a few dozen microseconds at most. Event
 * loop only.
 */
final class Survey {
    private static final int PER_TURN = 256;

    private final StreamLoop<?, ?> loop;
    private final List<ConnectionInfo> found = new ArrayList<>();
    private final Set<Long> ids = new HashSet<>();
    private final CompletableFuture<List<ConnectionInfo>> done = new CompletableFuture<>();
    private int next;

    private Survey(StreamLoop<?, ?> loop) {
        this.loop = loop;
        this.next = loop.size() - 1;
    }

    /** Completed on the event loop; never, when the loop ends meanwhile. */
    static CompletableFuture<List<ConnectionInfo>> of(StreamLoop<?, ?> loop) {
        Survey survey = new Survey(loop);
        survey.turn();
        return survey.done;
    }

    /**
     * From the last to the first: one that ends meanwhile is replaced by the last, which was looked at already, so that none is missed and
     * some may be met twice.
     */
    private void turn() {
        next = Math.min(next, loop.size() - 1);
        long nowNs = loop.open().nanoTime();
        for (int left = PER_TURN; left > 0 && next >= 0; left--) {
            StreamConnection<?, ?> connection = loop.connection(next--);
            if (ids.add(connection.id())) {
                found.add(connection.info(nowNs));
            }
        }
        if (next < 0) {
            done.complete(found);
            return;
        }
        try { // A timer, because tasks may run without a round of traffic between.
            loop.open().eventLoop().schedule(this::turn, 1, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException loopEnds) {
            done.complete(List.of());
        }
    }
}

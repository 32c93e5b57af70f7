package io.headrace.tcp;

import io.headrace.Connection;
import io.headrace.Progress;
import io.headrace.Sweep;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * Those of one endpoint's connections on one loop that hold most memory, the heaviest first. One walk over all connections finds up to
 * {@link #MOST} of them, so that whoever must end hundreds neither walks hundreds of times nor ends them all in one turn. Event loop only.
 */
final class Heaviest implements Sweep {
    /** What one walk finds. Ending one costs a system call, so this is well under a millisecond of the loop's time. */
    static final int MOST = 32;

    private final Consumer<Sweep> visit;
    private final ToLongFunction<Progress> weight;
    private final Connection<?>[] connections = new Connection<?>[MOST];
    private final long[] bytes = new long[MOST];
    private int found;
    private int next;

    /** @param visit shows every connection */
    Heaviest(Consumer<Sweep> visit, ToLongFunction<Progress> weight) {
        this.visit = visit;
        this.weight = weight;
    }

    /** Finds them. Connections that hold nothing are none of them. */
    void look() {
        forget();
        visit.accept(this);
    }

    @Override
    public void check(Connection<?> connection, Progress progress, long nowNs) {
        long weighs = weight.applyAsLong(progress);
        if (weighs <= 0 || (found == MOST && weighs <= bytes[MOST - 1])) {
            return;
        }
        int place = found == MOST ? MOST - 1 : found++;
        for (; place > 0 && bytes[place - 1] < weighs; place--) {
            bytes[place] = bytes[place - 1];
            connections[place] = connections[place - 1];
        }
        bytes[place] = weighs;
        connections[place] = connection;
    }

    /** What the next one holds; 0 when there is none left. */
    long bytes() {
        return next < found ? bytes[next] : 0;
    }

    /** The next one. */
    Connection<?> take() {
        return connections[next++];
    }

    /** They may end long before anybody looks again. */
    void forget() {
        Arrays.fill(connections, 0, found, null);
        found = 0;
        next = 0;
    }
}

package io.headrace.bench.load;

import java.util.List;
import java.util.concurrent.TimeUnit;

/** Tells the flows of one loop when their requests are due: each when its moment in the schedule has come, all that are late at once. */
final class Pacer implements Runnable {

    /** A flow that is told when to ask. */
    interface Paced extends Flow {
        /** One more request is due; what it writes waits for {@link #flush}. */
        void due(long whenNs, long nowNs);

        boolean hasUnflushed();

        void flush();
    }

    /** After so many the loop reads answers, even when more requests are late. */
    private static final int AT_ONCE = 256;

    private final Lane lane;
    private final Paced[] flows;
    private final int[] indexes;
    private final long lastNs;
    private final Paced[] unflushed = new Paced[AT_ONCE];

    private int flow;
    private long turn;
    private long paced;
    private boolean stopped;

    /**
     * @param indexes of the flows' connections, in all shards together, growing
     * @param lastNs when the run ends: what is due from then on is never asked
     */
    Pacer(Lane lane, List<Paced> flows, int[] indexes, long lastNs) {
        this.lane = lane;
        this.flows = flows.toArray(Paced[]::new);
        this.indexes = indexes;
        this.lastNs = lastNs;
    }

    /** How many requests it has told its flows of, those of the warm-up too. */
    long paced() {
        return paced;
    }

    void stop() {
        stopped = true;
    }

    @Override
    public void run() {
        if (stopped || flows.length == 0) {
            return;
        }
        int written = 0;
        long nowNs = System.nanoTime();
        for (int i = 0; i < AT_ONCE; i++) {
            long dueNs = lane.dueNs(indexes[flow], turn);
            if (dueNs - lastNs >= 0) {
                stopped = true;
                break;
            }
            if (dueNs - nowNs > 0) {
                nowNs = System.nanoTime();
                if (dueNs - nowNs > 0) {
                    flush(written);
                    lane.loop().schedule(this, dueNs - System.nanoTime(), TimeUnit.NANOSECONDS);
                    return;
                }
            }
            Paced next = flows[flow];
            boolean had = next.hasUnflushed();
            next.due(dueNs, nowNs);
            if (!had && next.hasUnflushed()) {
                unflushed[written++] = next;
            }
            paced++;
            if (++flow == flows.length) {
                flow = 0;
                turn++;
            }
        }
        flush(written);
        if (!stopped) {
            // Not execute(): what is executed runs before the loop has read anything, for up to a second.
            lane.loop().schedule(this, 1, TimeUnit.NANOSECONDS);
        }
    }

    private void flush(int written) {
        for (int i = 0; i < written; i++) {
            unflushed[i].flush();
        }
    }
}

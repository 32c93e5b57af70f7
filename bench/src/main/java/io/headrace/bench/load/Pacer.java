package io.headrace.bench.load;

import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Tells the flows of one loop when their requests are due: each when its moment in the schedule has come, all that are late at once.
 *
 * <p>A loop that sleeps is woken some 50 us late, by an idle core that has to wake itself first. So it is woken earlier by as much as
 * it lately was late, and for what is left of the time it turns without sleeping, and reads what comes. That is not work: see {@link #spunNs}.
 */
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

    /** More is not worth a core, which would then be missing elsewhere. */
    private static final long MOST_EARLY_NS = 100_000;

    private static final long FIRST_EARLY_NS = 50_000;
    private static final int LATER_SHARE = 2;
    private static final int EARLIER_SHARE = 1_024;

    /** A turn that found nothing to do takes a microsecond or two; in a longer one another process had the core. */
    private static final long LONGEST_TURN_NS = 20_000;

    private final Lane lane;
    private final Paced[] flows;
    private final int[] indexes;
    private final long lastNs;
    private final Paced[] unflushed = new Paced[AT_ONCE];

    private final boolean punctual;
    private final AtomicLong spunNs = new AtomicLong();

    private int flow;
    private long turn;
    private long paced;
    private boolean stopped;

    private long earlyNs;
    private long wakeNs;
    private Future<?> spinning;
    private long spunToNs;
    private long workBefore;

    /**
     * @param indexes of the flows' connections, in all shards together, growing
     * @param lastNs when the run ends: what is due from then on is never asked
     * @param punctual whether there is a core to spare for turning without sleeping
     */
    Pacer(Lane lane, List<Paced> flows, int[] indexes, long lastNs, boolean punctual) {
        this.lane = lane;
        this.flows = flows.toArray(Paced[]::new);
        this.indexes = indexes;
        this.lastNs = lastNs;
        this.punctual = punctual;
        earlyNs = punctual ? FIRST_EARLY_NS : 0;
    }

    /** How many requests it has told its flows of, those of the warm-up too. */
    long paced() {
        return paced;
    }

    /** For how long the loop has turned without anything to do. Any thread. */
    long spunNs() {
        return spunNs.get();
    }

    void stop() {
        stopped = true;
        stopSpinning();
    }

    /** Begins: request 0 is due now, or soon. */
    void start(long startNs) {
        sleepUntil(startNs, System.nanoTime());
    }

    private void sleepUntil(long ns, long nowNs) {
        stopSpinning();
        wakeNs = ns - earlyNs;
        lane.schedule(this, wakeNs - nowNs);
    }

    @Override
    public void run() {
        if (punctual) {
            long lateNs = Math.min(MOST_EARLY_NS, System.nanoTime() - wakeNs);
            earlyNs += (lateNs - earlyNs) / (lateNs > earlyNs ? LATER_SHARE : EARLIER_SHARE);
        }
        turn();
    }

    /** Tells of all that is due, and arranges for what comes next. */
    private void turn() {
        if (stopped || flows.length == 0) {
            return;
        }
        int written = 0;
        long nowNs = System.nanoTime();
        account(nowNs);
        for (int i = 0; i < AT_ONCE; i++) {
            long dueNs = lane.dueNs(indexes[flow], turn);
            if (dueNs - lastNs >= 0) {
                stop();
                break;
            }
            if (dueNs - nowNs > 0) {
                nowNs = System.nanoTime();
                if (dueNs - nowNs > 0) {
                    flush(written);
                    await(dueNs);
                    return;
                }
            }
            // Here and not when it is sent: what it waits for its connection from now on is not this tool's doing.
            lane.of(dueNs).record(Timing.SEND_LAG, nowNs - dueNs);
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
            spin();
        }
    }

    private void await(long dueNs) {
        long nowNs = System.nanoTime();
        if (dueNs - nowNs > earlyNs) {
            sleepUntil(dueNs, nowNs);
        } else {
            spin();
        }
    }

    /** The loop reads what has come, and comes back here at once. */
    private void spin() {
        if (spinning == null) {
            // Not execute(): what is executed runs before the loop has read anything, for up to a second.
            spinning = lane.repeat(this::turn, 1);
            spunToNs = System.nanoTime();
            workBefore = lane.work();
        }
    }

    private void stopSpinning() {
        if (spinning != null) {
            spinning.cancel(false);
            spinning = null;
        }
    }

    private void account(long nowNs) {
        if (spinning == null) {
            return;
        }
        long tookNs = nowNs - spunToNs;
        if (lane.work() == workBefore && tookNs < LONGEST_TURN_NS) {
            spunNs.lazySet(spunNs.get() + tookNs);
        }
        spunToNs = nowNs;
        workBefore = lane.work();
    }

    private void flush(int written) {
        for (int i = 0; i < written; i++) {
            unflushed[i].flush();
        }
    }
}

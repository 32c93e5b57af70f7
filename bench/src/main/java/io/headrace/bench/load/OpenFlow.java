package io.headrace.bench.load;

import io.netty.buffer.ByteBuf;

/**
 * Sends requests when they are due, whatever became of those before. Mode rate.
 *
 * <p>A request that is due while its connection is down, takes no bytes or has its window full waits for it. Its response time counts
 * from when it was due all the same; its service time does not, nor does its send lag, which ends when it is told here that it is due.
 */
final class OpenFlow extends StreamFlow implements Pacer.Paced {
    private final int index;
    private final int window;
    private final Answers answers;

    // What is in flight: from first (included) to next (not), both ever growing.
    private final long[] dueNs;
    private final long[] sentNs;
    private final int mask;
    private int first;
    private int next;

    private long turn; // How many of its requests it has sent or given up: which one is the next.
    private long due; // How many of them are due.
    private int unflushed;

    OpenFlow(Lane lane, int index) {
        super(lane, index);
        this.index = index;
        window = lane.plan().window();
        dueNs = new long[window == 1 ? 1 : Integer.highestOneBit(window - 1) << 1];
        sentNs = new long[dueNs.length];
        mask = dueNs.length - 1;
        answers = lane.plan().answers().of(lane.message());
    }

    @Override
    public void start() {
        // The pacer says when requests are due.
    }

    @Override
    public void due(long whenNs, long nowNs) {
        due++;
        if (due - turn == 1 && canAsk()) {
            ask(whenNs, nowNs);
        }
    }

    private boolean canAsk() {
        return canTake() && next - first < window;
    }

    private void ask(long whenNs, long nowNs) {
        int at = next++ & mask;
        dueNs[at] = whenNs;
        sentNs[at] = nowNs;
        turn++;
        unflushed++;
        Slice slice = lane.of(whenNs);
        slice.count(Count.SENT, 1);
        slice.count(Count.BYTES_SENT, lane.message().size());
        if (unflushed == lane.message().most()) {
            flush();
        }
    }

    @Override
    public boolean hasUnflushed() {
        return unflushed > 0;
    }

    @Override
    public void flush() {
        int count = unflushed;
        unflushed = 0;
        if (count > 0 && isOpen()) {
            send(lane.message().times(count));
        }
    }

    /** Sends what has become due while it could not be sent. */
    private void catchUp(long nowNs) {
        while (turn < due && canAsk()) {
            ask(lane.dueNs(index, turn), nowNs);
        }
        flush();
    }

    @Override
    void opened(long nowNs) {
        catchUp(nowNs);
    }

    @Override
    void writable(long nowNs) {
        catchUp(nowNs);
    }

    @Override
    void received(ByteBuf bytes, long nowNs) {
        int whole = answers.take(bytes);
        if (whole < 0 || whole > next - first) {
            fail(ErrorKind.MISMATCH, whole < 0 ? "an answer differs from its request" : "more answers than requests");
            return;
        }
        lane.of(nowNs).count(Count.BYTES_RECEIVED, bytes.readableBytes());
        for (int i = 0; i < whole; i++) {
            int at = first++ & mask;
            Slice slice = lane.of(dueNs[at]);
            slice.record(Timing.RESPONSE, nowNs - dueNs[at]);
            slice.record(Timing.SERVICE, nowNs - sentNs[at]);
            slice.count(Count.ANSWERED, 1);
        }
    }

    @Override
    void receivedAll(long nowNs) {
        if (turn < due && canAsk()) {
            catchUp(nowNs);
        }
    }

    @Override
    void broken(ErrorKind kind, String sample, long nowNs) {
        if (first == next) {
            lane.of(nowNs).error(kind, 1, sample);
        }
        for (; first != next; first++) {
            failed(dueNs[first & mask], kind, sample, nowNs);
        }
        unflushed = 0;
        answers.reset();
    }

    private void failed(long whenNs, ErrorKind kind, String sample, long nowNs) {
        Slice slice = lane.of(whenNs);
        slice.error(kind, 1, sample);
        slice.count(Count.FAILED, 1);
        slice.record(Timing.UNANSWERED, nowNs - whenNs);
    }

    @Override
    public void sweep(long nowNs) {
        long patienceNs = lane.plan().timeoutNs();
        if (first != next && nowNs - dueNs[first & mask] >= patienceNs) {
            fail(ErrorKind.TIMEOUT, "no answer in time");
        }
        while (turn < due && nowNs - lane.dueNs(index, turn) >= patienceNs) {
            long whenNs = lane.dueNs(index, turn++);
            lane.of(whenNs).count(Count.UNSENT, 1);
            failed(whenNs, ErrorKind.TIMEOUT, said("no connection in time"), nowNs);
        }
    }

    @Override
    public void finish(long nowNs) {
        super.finish(nowNs);
        for (; first != next; first++) {
            unfinished(dueNs[first & mask], nowNs);
        }
        for (; turn < due; turn++) {
            long whenNs = lane.dueNs(index, turn);
            lane.of(whenNs).count(Count.UNSENT, 1);
            unfinished(whenNs, nowNs);
        }
    }

    private void unfinished(long whenNs, long nowNs) {
        lane.of(whenNs).count(Count.UNFINISHED, 1);
        lane.of(whenNs).record(Timing.UNANSWERED, nowNs - whenNs);
    }
}

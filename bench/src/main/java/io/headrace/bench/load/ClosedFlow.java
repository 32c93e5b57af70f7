package io.headrace.bench.load;

import io.netty.buffer.ByteBuf;

/** Keeps a fixed number of requests in flight: each answer is followed by the next request at once. Modes echo and pipeline. */
final class ClosedFlow extends StreamFlow {
    /** Up to here a connection keeps its request in memory of its own, and sending it costs no object. */
    private static final int OWN_BYTES = 4_096;

    private final int window;
    private final Answers answers;
    private final ByteBuf own;

    // When the requests in flight were sent: from first (included) to next (not), both ever growing.
    private final long[] sentNs;
    private final int mask;
    private int first;
    private int next;

    private int owed;
    private boolean started;

    ClosedFlow(Lane lane, int index) {
        super(lane, index);
        window = lane.plan().window();
        answers = lane.plan().answers().of(lane.message());
        own = window == 1 && lane.message().size() <= OWN_BYTES ? lane.message().copy() : null;
        sentNs = new long[window == 1 ? 1 : Integer.highestOneBit(window - 1) << 1];
        mask = sentNs.length - 1;
    }

    @Override
    public void start() {
        started = true;
        if (isOpen()) {
            ask(window, System.nanoTime());
        }
    }

    @Override
    void opened(long nowNs) {
        if (started) {
            ask(window, nowNs);
        }
    }

    private void ask(int count, long nowNs) {
        for (int i = 0; i < count; i++) {
            sentNs[next++ & mask] = nowNs;
        }
        Slice slice = lane.of(nowNs);
        slice.count(Count.SENT, count);
        slice.count(Count.BYTES_SENT, (long) count * lane.message().size());
        // With its own memory still on its way (an answer came before the request was gone) the shared row serves.
        if (own != null && own.refCnt() == 1) {
            send(own.setIndex(0, own.capacity()).retain());
            return;
        }
        for (int left = count; left > 0 && isOpen(); ) { // A write can end the connection.
            int part = Math.min(left, lane.message().most());
            send(lane.message().times(part));
            left -= part;
        }
    }

    @Override
    void received(ByteBuf bytes, long nowNs) {
        int whole = answers.take(bytes);
        if (whole < 0 || whole > next - first) {
            fail(ErrorKind.MISMATCH, whole < 0 ? "an answer differs from its request" : "more answers than requests");
            return;
        }
        lane.of(nowNs).count(Count.BYTES_RECEIVED, bytes.readableBytes());
        owed += whole;
        // Requests that were sent together and answered together are recorded together.
        for (int left = whole; left > 0; ) {
            long beganNs = sentNs[first & mask];
            int same = 1;
            while (same < left && sentNs[first + same & mask] == beganNs) {
                same++;
            }
            Slice slice = lane.of(beganNs);
            slice.record(Timing.RESPONSE, nowNs - beganNs, same);
            slice.count(Count.ANSWERED, same);
            first += same;
            left -= same;
        }
    }

    @Override
    void receivedAll(long nowNs) {
        if (owed > 0) {
            int count = owed;
            owed = 0;
            ask(count, nowNs);
        }
    }

    @Override
    void broken(ErrorKind kind, String sample, long nowNs) {
        if (first == next) {
            lane.of(nowNs).error(kind, 1, sample);
        }
        for (; first != next; first++) {
            long beganNs = sentNs[first & mask];
            Slice slice = lane.of(beganNs);
            slice.error(kind, 1, sample);
            slice.count(Count.FAILED, 1);
            slice.record(Timing.UNANSWERED, nowNs - beganNs);
        }
        owed = 0;
        answers.reset();
    }

    @Override
    public void sweep(long nowNs) {
        if (first != next && nowNs - sentNs[first & mask] >= lane.plan().timeoutNs()) {
            fail(ErrorKind.TIMEOUT, "no answer in time");
        }
    }

    @Override
    public void finish(long nowNs) {
        super.finish(nowNs);
        for (; first != next; first++) {
            long beganNs = sentNs[first & mask];
            lane.of(beganNs).count(Count.UNFINISHED, 1);
            lane.of(beganNs).record(Timing.UNANSWERED, nowNs - beganNs);
        }
        if (own != null) {
            own.release();
        }
    }
}

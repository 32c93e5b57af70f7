package io.headrace.bench.load;

import io.netty.buffer.ByteBuf;

/** Holds a connection open and says nothing on it. Mode soak. A connection that is open at the end counts as answered. */
final class IdleFlow extends StreamFlow {
    static final Flow.Kind KIND = new Flow.Kind() {
        @Override
        public Flow create(Lane lane, int index) {
            return new IdleFlow(lane, index);
        }

        @Override
        public boolean asks() {
            return false;
        }
    };

    private boolean begun;

    private IdleFlow(Lane lane, int index) {
        super(lane, index);
    }

    @Override
    public void start() {
        // It is open already.
    }

    @Override
    void beginning(long nowNs) {
        begun = true;
        lane.now().count(Count.SENT, 1);
    }

    @Override
    void opened(long nowNs) {
        // And stays so.
    }

    @Override
    void received(ByteBuf bytes, long nowNs) {
        lane.now().count(Count.BYTES_RECEIVED, bytes.readableBytes());
    }

    @Override
    void broken(ErrorKind kind, String sample, long nowNs) {
        begun = false;
        Slice slice = lane.now();
        slice.error(kind, 1, sample);
        slice.count(Count.FAILED, 1);
        slice.record(Timing.UNANSWERED, nowNs - connectNs());
    }

    @Override
    public void sweep(long nowNs) {
        // Silence is what is wanted; opening has a clock of its own.
    }

    @Override
    public void finish(long nowNs) {
        boolean held = isOpen();
        super.finish(nowNs);
        if (held) {
            lane.now().count(Count.ANSWERED, 1);
        } else if (begun) {
            lane.now().count(Count.UNFINISHED, 1);
            lane.now().record(Timing.UNANSWERED, nowNs - connectNs());
        }
    }
}

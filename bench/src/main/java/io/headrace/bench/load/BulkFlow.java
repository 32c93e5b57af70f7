package io.headrace.bench.load;

import io.netty.buffer.ByteBuf;

/** Sends as much as the other side takes, or nothing, and counts what comes. Mode bulk. Its books are bytes, not requests. */
final class BulkFlow extends StreamFlow {
    /** After so many pieces the loop serves other connections. */
    private static final int AT_ONCE = 16;

    private final boolean sends;
    private boolean started;
    private boolean goingOn;

    private BulkFlow(Lane lane, int index, boolean sends) {
        super(lane, index);
        this.sends = sends;
    }

    static Flow.Kind kind(boolean sends) {
        return new Flow.Kind() {
            @Override
            public Flow create(Lane lane, int index) {
                return new BulkFlow(lane, index, sends);
            }

            @Override
            public boolean asks() {
                return false;
            }
        };
    }

    @Override
    public void start() {
        started = true;
        fill();
    }

    @Override
    void opened(long nowNs) {
        fill();
    }

    @Override
    void writable(long nowNs) {
        fill();
    }

    private void fill() {
        if (!started || !sends) {
            return;
        }
        Slice slice = lane.now();
        for (int i = 0; i < AT_ONCE && canTake(); i++) {
            slice.count(Count.BYTES_SENT, lane.message().size());
            send(lane.message().times(1));
        }
        if (canTake() && !goingOn) {
            goingOn = true;
            lane.schedule(this::goOn, 1);
        }
    }

    private void goOn() {
        goingOn = false;
        fill();
    }

    @Override
    void received(ByteBuf bytes, long nowNs) {
        lane.of(nowNs).count(Count.BYTES_RECEIVED, bytes.readableBytes());
    }

    @Override
    void broken(ErrorKind kind, String sample, long nowNs) {
        lane.of(nowNs).error(kind, 1, sample);
    }

    @Override
    public void sweep(long nowNs) {
        // Who takes nothing for a while shows in the bytes of the interval.
    }
}

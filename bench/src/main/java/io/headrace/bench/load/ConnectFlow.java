package io.headrace.bench.load;

import io.netty.buffer.ByteBuf;

/** Connects, reads the greeting, closes, and begins again. Mode connect. */
final class ConnectFlow extends StreamFlow {
    /** How many bytes a greeting has; after them we close. Or less than 0: it ends where the server closes. */
    private final int greetingBytes;

    private long got;
    private boolean begun;

    private ConnectFlow(Lane lane, int index, int greetingBytes) {
        super(lane, index);
        this.greetingBytes = greetingBytes;
    }

    /** @param greetingBytes after how many bytes to close, 0 being at once; less than 0: when the server closes */
    static Flow.Kind greeting(int greetingBytes) {
        return new Flow.Kind() {
            @Override
            public Flow create(Lane lane, int index) {
                return new ConnectFlow(lane, index, greetingBytes);
            }

            @Override
            public boolean opensFirst() {
                return false;
            }
        };
    }

    @Override
    public void start() {
        open();
    }

    @Override
    void beginning(long nowNs) {
        begun = true;
        got = 0;
        lane.of(nowNs).count(Count.SENT, 1);
    }

    @Override
    void opened(long nowNs) {
        if (greetingBytes == 0) {
            closeWell();
            greeted(nowNs);
        }
    }

    @Override
    void received(ByteBuf bytes, long nowNs) {
        got += bytes.readableBytes();
        lane.of(nowNs).count(Count.BYTES_RECEIVED, bytes.readableBytes());
        if (greetingBytes > 0 && got >= greetingBytes) {
            closeWell();
            greeted(nowNs);
        }
    }

    @Override
    boolean endsWell() {
        return greetingBytes < 0 && got > 0;
    }

    @Override
    void ended(long nowNs) {
        greeted(nowNs);
    }

    private void greeted(long nowNs) {
        begun = false;
        Slice slice = lane.of(connectNs());
        slice.record(Timing.RESPONSE, nowNs - connectNs());
        slice.count(Count.ANSWERED, 1);
        open();
    }

    @Override
    void broken(ErrorKind kind, String sample, long nowNs) {
        begun = false;
        Slice slice = lane.of(connectNs());
        slice.error(kind, 1, sample);
        slice.count(Count.FAILED, 1);
        slice.record(Timing.UNANSWERED, nowNs - connectNs());
    }

    @Override
    public void sweep(long nowNs) {
        if (begun && nowNs - connectNs() >= lane.plan().timeoutNs()) {
            fail(isOpen() ? ErrorKind.TIMEOUT : ErrorKind.CONNECT_TIMEOUT, "no greeting in time");
        }
    }

    @Override
    public void finish(long nowNs) {
        super.finish(nowNs);
        if (begun) {
            lane.of(connectNs()).count(Count.UNFINISHED, 1);
            lane.of(connectNs()).record(Timing.UNANSWERED, nowNs - connectNs());
        }
    }
}

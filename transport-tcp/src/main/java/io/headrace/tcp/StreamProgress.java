package io.headrace.tcp;

import io.headrace.Progress;

/** How far one stream has come. Bytes only leave a mark; the sweep turns marks into times, so no read pays for a clock. */
final class StreamProgress implements Progress {
    private static final long BEGUN = -1;

    private final Outflow<?> outflow;
    private final long openedNs;
    private long receivedBytes;
    private long lastReceivedNs;
    private long lastSentNs;
    private long stalledSinceNs;
    private long frameSinceNs;
    private boolean received;
    private boolean sent;

    StreamProgress(Outflow<?> outflow, long openedNs) {
        this.outflow = outflow;
        this.openedNs = openedNs;
        this.lastReceivedNs = openedNs;
        this.lastSentNs = openedNs;
    }

    void received(int bytes) {
        receivedBytes += bytes;
        received = true;
    }

    void sent() {
        sent = true;
    }

    void frameOpen(boolean open) {
        frameSinceNs = open ? BEGUN : 0;
    }

    /** One round of the sweep; while our side holds the peer back, an open frame is not the peer's delay. */
    void observe(long nowNs, boolean held) {
        outflow.settle();
        outflow.tell();
        if (received) {
            received = false;
            lastReceivedNs = nowNs;
        }
        if (outflow.pendingBytes() == 0) {
            stalledSinceNs = 0;
        } else if (sent || stalledSinceNs == 0) {
            stalledSinceNs = nowNs;
        }
        if (sent) {
            sent = false;
            lastSentNs = nowNs;
        }
        if (frameSinceNs == BEGUN || (held && frameSinceNs != 0)) {
            frameSinceNs = nowNs;
        }
    }

    @Override
    public long openedNs() {
        return openedNs;
    }

    @Override
    public long receivedBytes() {
        return receivedBytes;
    }

    @Override
    public long sentBytes() {
        return outflow.sentBytes();
    }

    @Override
    public long pendingBytes() {
        return outflow.waitingInAll();
    }

    @Override
    public long lastReceivedNs() {
        return lastReceivedNs;
    }

    @Override
    public long lastSentNs() {
        return lastSentNs;
    }

    @Override
    public long stalledSinceNs() {
        return stalledSinceNs;
    }

    @Override
    public long frameSinceNs() {
        return frameSinceNs == BEGUN ? 0 : frameSinceNs;
    }
}

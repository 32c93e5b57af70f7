package io.headrace.tcp;

import io.headrace.Progress;

/** How far one stream has come. Bytes only leave a mark; the sweep turns marks into times, so no read pays for a clock. */
final class StreamProgress implements Progress {
    private static final long BEGUN = -1;

    private final Outflow<?> outflow;
    private final long openedNs; // By the loop's clock; the others are what the sweep was given.
    private long receivedBytes;
    private long lastReceivedNs; // 0 until there is some.
    private long lastSentNs;
    private long stalledSinceNs;
    private long frameSinceNs;
    private long frameFromBytes;

    StreamProgress(Outflow<?> outflow, long openedNs) {
        this.outflow = outflow;
        this.openedNs = openedNs;
    }

    void received(int bytes) {
        receivedBytes += bytes;
    }

    void frameOpen(boolean open) {
        frameSinceNs = open ? BEGUN : 0;
        frameFromBytes = receivedBytes;
    }

    /**
     * One round of the sweep, when the queue is settled; while our side holds the peer back, an open frame is not the peer's delay.
     *
     * @param received whether anything has come since the last round
     * @param sent whether the socket has taken anything since then
     */
    void observe(long nowNs, boolean received, boolean sent, boolean held) {
        if (received) {
            lastReceivedNs = nowNs;
        }
        if (outflow.pendingBytes() == 0) {
            stalledSinceNs = 0;
        } else if (sent || stalledSinceNs == 0) {
            stalledSinceNs = nowNs;
        }
        if (sent) {
            lastSentNs = nowNs;
        }
        if (frameSinceNs == BEGUN || (held && frameSinceNs != 0)) {
            frameSinceNs = nowNs;
        }
    }

    /** How old it is at this time by the loop's clock. */
    long ageNs(long nowNs) {
        return nowNs - openedNs;
    }

    @Override
    public long openedNs() {
        return outflow.sweptNs(openedNs);
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
    public long frameBytes() {
        return frameSinceNs == 0 ? 0 : receivedBytes - frameFromBytes;
    }

    @Override
    public long lastReceivedNs() {
        return lastReceivedNs == 0 ? openedNs() : lastReceivedNs;
    }

    @Override
    public long lastSentNs() {
        return lastSentNs == 0 ? openedNs() : lastSentNs;
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

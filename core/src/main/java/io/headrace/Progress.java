package io.headrace;

/** How far a connection has come, for the clocks. Event loop only; times are stamped by the sweep, so they are coarse. */
public interface Progress {

    /** When it was accepted or connected, on the clock of sweeps. */
    long openedNs();

    /** Bytes that the socket gave. */
    long receivedBytes();

    /** Bytes that the socket took. */
    long sentBytes();

    /** Bytes that wait to be sent, with what the queue itself takes; plaintext that is not encrypted yet counts too. */
    default long pendingBytes() {
        return 0;
    }

    /** Bytes that have come for the frame that is open, but for those of its first read; 0 when none is. */
    default long frameBytes() {
        return 0;
    }

    /** When bytes last came; {@link #openedNs()} when none ever did. */
    long lastReceivedNs();

    /** When the socket last took bytes; {@link #openedNs()} when it never did. */
    long lastSentNs();

    /** Since when bytes wait and the socket takes none, or 0 when nothing waits. */
    long stalledSinceNs();

    /** Since when a frame is open (begun and not whole) and the peer may go on with it, or 0 when none is. */
    long frameSinceNs();
}

package io.headrace.tcp;

import io.headrace.CloseReason;

/** Bytes that cannot become a frame: the peer's fault, so it has no stack trace. */
final class FrameViolation extends Exception {
    private static final long serialVersionUID = 1;

    private final CloseReason reason;

    private FrameViolation(CloseReason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    static FrameViolation tooLarge(long bytes, int maxBytes) {
        return new FrameViolation(
                CloseReason.FRAME_TOO_LARGE, "frame: " + bytes + " bytes (expected: <= " + maxBytes + ")");
    }

    CloseReason reason() {
        return reason;
    }
}

package io.headrace;

import java.util.Locale;

/** Why a connection ended: every connection closes for exactly one reason. Also the value of the {@code reason} tag. */
public enum CloseReason {
    /** The peer finished sending (FIN) and everything owed to it was sent. */
    PEER_FINISHED,
    /** The peer reset the connection. */
    PEER_RESET,
    /** The application closed it. */
    APPLICATION,
    /** The server drained: open exchanges ended first. */
    DRAINED,
    /** The grace of the drain was over. */
    FORCED,
    /** Nothing came within {@code FirstByteTimeout}. */
    FIRST_BYTE_TIMEOUT,
    /** No byte either way within {@code IdleTimeout}. */
    IDLE_TIMEOUT,
    /** A frame was begun and not whole within {@code FrameTimeout}. */
    FRAME_TIMEOUT,
    /** Bytes waited and the socket took none within {@code WriteTimeout}. */
    WRITE_STALLED,
    /** A frame over its maximum. */
    FRAME_TOO_LARGE,
    /** Bytes that cannot be a frame. */
    FRAME_MALFORMED,
    /** A frame that the codec does not understand. */
    MESSAGE_MALFORMED,
    /** An answer that nobody asked for. */
    MESSAGE_UNEXPECTED,
    /** The handler, the session or a stage threw. */
    HANDLER_FAILED,
    /** An exchange was refused and no other answer was set. */
    EXCHANGE_REFUSED,
    /** An exchange expired and no other answer was set. */
    EXCHANGE_EXPIRED,
    /** A network error other than a reset. */
    IO_ERROR;

    private final String tag = name().toLowerCase(Locale.ROOT);

    /** The tag value: the name in lower case. */
    public String tag() {
        return tag;
    }

    /** Whether this end is a fault worth a line in the log. */
    boolean fault() {
        return ordinal() >= FIRST_BYTE_TIMEOUT.ordinal();
    }
}

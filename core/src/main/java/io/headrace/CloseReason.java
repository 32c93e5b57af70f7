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
    /** A newer peer took its place in a full table of sessions. */
    EVICTED,
    /** Nothing came within {@code FirstByteTimeout}. */
    FIRST_BYTE_TIMEOUT("nothing came within FirstByteTimeout"),
    /** No byte either way within {@code IdleTimeout}. */
    IDLE_TIMEOUT("no byte either way within IdleTimeout"),
    /** A frame was begun and not whole within {@code FrameTimeout}. */
    FRAME_TIMEOUT("a frame was begun and not whole within FrameTimeout"),
    /** Bytes waited and the socket took none within {@code WriteTimeout}. */
    WRITE_STALLED("bytes waited and the socket took none within WriteTimeout"),
    /** Slower than {@code MinimumRate} while a frame was open or bytes waited. */
    TOO_SLOW("slower than MinimumRate while a frame was open or bytes waited"),
    /** It had lived for as long as {@code MaxAge} allows; its current message was answered first. */
    MAX_AGE,
    /** It read too slowly what it was sent unasked, and {@code SlowConsumer.close()} ends such. */
    SLOW_CONSUMER("more was sent than WriteMarks lets wait, and SlowConsumer says to close"),
    /** More bytes waited toward it than toward any other when {@code OutboundBudget} was spent. */
    OUTBOUND_BUDGET("the most bytes waited toward it when OutboundBudget was spent"),
    /** It held the most memory when memory ran short: see {@code MemoryPressure}. */
    MEMORY_PRESSURE("it held the most memory when MemoryPressure had to shed"),
    /** There was no direct memory for what it sends or receives. */
    OOM_DIRECT("no direct memory was left for its bytes"),
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
    /** Every thread for conversations was busy: the runtime has no virtual ones. */
    WORKERS_BUSY("all threads for conversations are busy (JDK 21 and later have no such bound)"),
    /** An exchange was refused and no other answer was set. */
    EXCHANGE_REFUSED("refused by a limit, and no other answer was set"),
    /** An exchange expired and no other answer was set. */
    EXCHANGE_EXPIRED("a deadline passed, and no other answer was set"),
    /** A network error other than a reset. */
    IO_ERROR;

    private final String tag = name().toLowerCase(Locale.ROOT);
    private final String setting;

    CloseReason() {
        this(null);
    }

    CloseReason(String setting) {
        this.setting = setting;
    }

    /** The tag value: the name in lower case. */
    public String tag() {
        return tag;
    }

    /** For the log: which setting ended it, or null where no setting did. */
    public String setting() {
        return setting;
    }
}

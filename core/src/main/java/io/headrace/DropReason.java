package io.headrace;

import java.util.Locale;

/** Why a datagram was dropped. Also the value of the {@code reason} tag. */
public enum DropReason {
    /** Longer than the endpoint's maximum: never delivered cut. */
    OVERSIZE,
    /** The codec does not understand it. */
    MALFORMED,
    /** The reply is longer than a datagram may be. */
    REPLY_OVERSIZE,
    /** The queue toward the socket was full. */
    SEND_QUEUE_FULL,
    /** The operating system refused to send it. */
    SEND_FAILED;

    private final String tag = name().toLowerCase(Locale.ROOT);

    /** The tag value: the name in lower case. */
    public String tag() {
        return tag;
    }
}

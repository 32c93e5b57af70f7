package io.headrace;

import java.util.Locale;

/** Why a datagram was dropped. Also the value of the {@code reason} tag. */
public enum DropReason {
    /** Longer than the endpoint's maximum: never delivered cut. */
    OVERSIZE,
    /** The codec does not understand it. */
    MALFORMED,
    /** It claims to come from our own address, from port 0, or from a service that answers anything: an answer might never end. */
    LOOP_SUSPECTED,
    /** Over the rate of the endpoint. */
    RATE,
    /** Over the rate of its sender. */
    PEER_RATE,
    /** The event loop that handles its peer, or that has to end a session for a new one, is too far behind. Only where peers are spread over several. */
    LOOP_BUSY,
    /** Too many datagrams are unanswered. */
    TOO_MANY_OPEN,
    /** The reply is so much longer than its request that a forged sender could be flooded with it. */
    REPLY_LIMIT,
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

package io.headrace;

/**
 * Where a stage stands on the line, in wire order: the whole journey of a byte from the socket to the handler.
 *
 * <pre>
 *  wire                                                                                 application
 *  ADMISSION PREFACE PEER LIVENESS SECURITY WIRE FRAMING | CODEC | PRESSURE | MEASURE LIMIT DEADLINE ORDER EXECUTE
 *  '--------------- channel stages: see bytes ----------'                   '------ message stages: see messages -'
 * </pre>
 *
 * <p>Users add stages in any order; the slot decides where each stands. Within a slot the order of adding holds.
 */
public enum Slot {
    /** May this channel exist at all. First, because refusing must cost nothing. */
    ADMISSION(false),
    /** What a proxy says before the peer speaks. Before PEER, because it tells who the peer is. */
    PREFACE(false),
    /** Who is it: rules by address. Before anything that spends memory on the peer. */
    PEER(false),
    /** Is the peer still alive and moving. Below SECURITY, so that a silent handshake is timed too. */
    LIVENESS(false),
    /** Encryption. Everything after it sees plain bytes. */
    SECURITY(false),
    /** What the application's side of encryption sees: wire log and capture. */
    WIRE(false),
    /** From a stream of bytes to frames. */
    FRAMING(false),
    /** From a frame to a message and back: the endpoint's {@link Codec} stands here, and nothing else. */
    CODEC(false),
    /** Reading stops toward a peer that does not read from us. */
    PRESSURE(false),
    /** Outermost on the message side, so that refused messages are measured too. */
    MEASURE(true),
    /** How many messages may be in flight. */
    LIMIT(true),
    /** How long a message may take. Inside LIMIT, so that expiry gives the permit back. */
    DEADLINE(true),
    /** Replies leave in arrival order. */
    ORDER(true),
    /** Which thread runs the handler. Innermost, so that everything else stays on the event loop. */
    EXECUTE(true);

    private final boolean messages;

    Slot(boolean messages) {
        this.messages = messages;
    }

    /** Whether a stage in this slot decides who may come in, or how much they may ask for. */
    boolean guards() {
        return this == ADMISSION || this == PEER || this == SECURITY || this == LIMIT;
    }

    /** Whether stages in this slot see messages (a {@link MessageStage}) rather than bytes (a {@link ChannelStage}). */
    public boolean messages() {
        return messages;
    }
}

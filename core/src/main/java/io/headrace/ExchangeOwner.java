package io.headrace;

/**
 * Where the ends of exchanges go: a stream's connection, or a datagram endpoint. For transports. Event loop only.
 *
 * @param <O> what may go out
 */
public interface ExchangeOwner<O> {

    /** Turns an answer into what the line takes. Consumes {@code answer}; gives a new reference. */
    Object encode(O answer) throws Exception;

    /** Sends what {@link #encode} gave, now that it is its turn. Takes ownership. */
    void answer(Peer<O> peer, Object encoded);

    /** An exchange ended without the answer that its peer may wait for. */
    void unanswered(Peer<O> peer, Outcome outcome, Throwable cause);

    /** Something that the application did went wrong; {@code cause} is worth a line in the log. */
    void faulty(Throwable cause);

    /** An exchange is over and done with: there is one fewer. */
    void settled();
}

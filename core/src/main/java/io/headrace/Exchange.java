package io.headrace;

/**
 * One message's life. It ends exactly once: the first of the ending methods wins and returns true, the others return false.
 *
 * <p>Any thread may end it, unless a method says otherwise. On a stream the replies leave in the order in which the messages came. An
 * exchange that fails, is refused or expires closes its stream, where silence would shift every later answer, unless the
 * endpoint has an {@code otherwise}; on datagrams it stays silent.
 *
 * @param <O> what may go out
 */
public interface Exchange<O> {

    /** Who sent the message. */
    Peer<O> peer();

    /**
     * Ends it with an answer. Consumes one reference of {@code answer}, whether it is taken or not; where {@code answer} is the message
     * itself, that is the reference which would be released with the exchange.
     */
    boolean reply(O answer);

    /** Ends it without an answer, as meant. */
    boolean consume();

    /** Ends it as failed, for this cause. */
    boolean fail(Throwable cause);

    /** Ends it as refused by a limit. */
    boolean refuse();

    /** Ends it because its time is over. */
    boolean expire();

    /** How it ended, or null while it is open. */
    Outcome outcome();

    /** When its message came in, by the loop's clock. */
    long startedNs();

    /** Tells {@code listener} when it ends, on the event loop. Event loop only, while {@link #outcome} is null. */
    void onEnd(EndListener listener);
}

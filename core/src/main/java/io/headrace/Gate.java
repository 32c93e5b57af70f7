package io.headrace;

/**
 * Decides whether a peer that arrives may become a connection: before a channel, a line or a session is there for it, and before it is
 * counted as accepted. A stage offers one with {@link Site#admit}.
 *
 * <p>Asked on the event loop of the listening socket. An endpoint may listen on several, and connections end on all loops, so a gate must
 * be safe for any thread. It must not block. One that throws refuses.
 */
@FunctionalInterface
public interface Gate {

    /**
     * Null to let it in, else why not. About a peer that has to {@link Refusal#waiting wait} this gate is asked again; those that let it in
     * before are not, and hear that it has {@link #left} when it is refused after all.
     */
    RejectReason refuses(Newcomer newcomer);

    /** How those that it refuses are refused. */
    default Refusal refusal() {
        return Refusal.finishing();
    }

    /**
     * One that was let in has gone. Told exactly once for each, when its socket is closed, on its event loop.
     *
     * @param reason why it closed; null where it never became a connection, because a later gate refused it or it was gone already
     */
    default void left(Newcomer newcomer, CloseReason reason) {}
}

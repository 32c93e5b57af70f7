package io.headrace;

import io.netty.channel.Channel;

/**
 * A stage that wraps the handler and sees messages. It knows no socket, so it stands on every transport.
 */
public non-sealed interface MessageStage extends Stage<Channel> {

    /** One of the slots of the message side, {@link Slot#MEASURE} to {@link Slot#EXECUTE}. */
    Slot slot();

    /** Opens what all loops of one running endpoint share. Starting thread. Close it with {@link Site#onStop}. */
    PerLoop open(Site site);

    /** What a stage shares between its loops. */
    @FunctionalInterface
    interface PerLoop {
        /** Wraps the handler of one loop; the wrapper may use plain fields. */
        Handler<Object, Object> around(Handler<Object, Object> next, LoopSite loop);

        /** Wraps the session of a new connection, where an endpoint has {@code sessions}. Event loop only. */
        default Session<Object> around(Session<Object> session, Connection<Object> connection) {
            return session;
        }
    }
}

package io.headrace.tcp;

import io.headrace.Newcomer;

/** An accepted socket on its way to its event loop. */
interface Arrival extends Newcomer {

    /** Becomes a connection. On the event loop of {@code loop}. */
    void enter(StreamLoop<?, ?> loop);

    /** Whether the peer is known to have left again already. */
    boolean gone();

    /** Closes it: its loop is gone. */
    void turnAway();

    /** Closes it so that its peer is reset, where the family of sockets knows that. */
    void reset();

    /** It will be seen off without a reset. On the event loop of {@code home}. */
    Refused refused(StreamLoop<?, ?> home);
}

package io.headrace.tcp;

/** An accepted socket on its way to its event loop. */
interface Arrival {

    /** Becomes a connection. On the event loop of {@code loop}. */
    void enter(StreamLoop<?, ?> loop);

    /** Closes it: its loop is gone. */
    void turnAway();
}

package io.headrace;

import io.netty.channel.ChannelHandler;

/** The line of one channel while it is laid, from the socket toward the handler. Event loop only. */
public interface Line {

    /** Adds a handler toward the application. */
    void add(String name, ChannelHandler handler);

    /** Tells {@code watch} of this one channel. */
    void watch(Watch watch);

    /**
     * Checks this one channel on each sweep, for a clock that has to remember something of it; {@link LoopSite#onSweep} says how often. A
     * datagram line has no such checks and throws.
     */
    default void sweep(Sweep sweep) {
        throw new UnsupportedOperationException("sweep: not on this line (expected: a stream's)");
    }

    /** The stream's connection; a datagram line has none and throws. */
    Connection<?> connection();

    /** Tells the clocks whether a frame has begun and is not whole. A new frame restarts the clock. */
    void frameOpen(boolean open);

    /**
     * Whether the application wants messages now. A handler that holds several (framing) asks before each one and keeps the
     * rest; {@code resume} runs when messages are wanted again. Event loop only.
     */
    boolean wanted(Runnable resume);

    /** Whether the connection is ending: what still comes means nothing, so throw it away. Event loop only. */
    boolean over();

    /** Ends the connection for what its peer did, gracefully: what was already answered still leaves. */
    void violated(CloseReason reason, String detail);
}

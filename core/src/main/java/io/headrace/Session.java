package io.headrace;

/**
 * The state of one connection, and what it does. One object per connection; all methods run on the connection's event loop, or, with {@link
 * Workers#perConnection}, one after another on workers.
 *
 * @param <I> what comes in
 */
public interface Session<I> {

    /** The connection is open: a protocol that opens with a banner sends it here. */
    default void opened() throws Exception {}

    /** A message came. A buffer is released when this returns; retain what you keep. */
    void received(I message) throws Exception;

    /**
     * The peer has finished sending. Return true (as by default) to close once what is open has ended and left, or false to go on
     * sending and close by yourself. A peer that resets the connection after that is noticed within a second, on NIO only by sending to it.
     */
    default boolean peerFinished() {
        return true;
    }

    /**
     * The server is about to stop. Return true (as by default) to close once what is open has ended and left, or false to close by
     * yourself within the grace.
     */
    default boolean draining() {
        return true;
    }

    /**
     * The peer has fallen behind, so that more waits than the high mark of the queue toward it ({@code false}), or it has caught up
     * ({@code true}): a feed may thin out what it sends meanwhile.
     */
    default void writable(boolean writable) throws Exception {}

    /** The connection has ended. Called once, last. */
    default void closed(CloseReason reason) {}
}

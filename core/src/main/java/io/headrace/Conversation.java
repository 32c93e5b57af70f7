package io.headrace;

import java.io.IOException;

/**
 * A connection as plain blocking code sees it. Used by one thread, the one that runs the script.
 *
 * @param <I> what comes in
 * @param <O> what may go out
 */
public interface Conversation<I, O> {

    /** Who is at the other end. */
    Connection<O> connection();

    /**
     * Waits for the next message. A buffer stays readable until the next call.
     *
     * @return the message, or null when the peer has finished sending or the server drains
     * @throws IOException when the connection broke
     */
    I receive() throws IOException, InterruptedException;

    /**
     * Sends, waiting while the peer does not read. Consumes {@code message}; the one that {@link #receive} gave last stays readable.
     *
     * @throws IOException when the connection has ended, or when the message is more than may be queued toward the peer
     */
    void send(O message) throws IOException, InterruptedException;

    /**
     * Whether the server is about to stop: {@link #receive} gives null from then on, and a script that only sends should say goodbye and
     * return. What is still running when the grace is over loses its connection; its thread is not interrupted. Any thread.
     */
    boolean serverDraining();
}

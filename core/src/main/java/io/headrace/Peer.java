package io.headrace;

import java.net.SocketAddress;

/**
 * Who sent a message.
 *
 * @param <O> what may go out
 */
public interface Peer<O> {

    /** The peer's address. Unix sockets of clients usually have an empty one. */
    SocketAddress address();

    /** What stands for this peer in a table: equal for all messages of one peer, for as long as one of them is open. */
    default Object key() {
        return address();
    }

    /**
     * Sends a message that is nobody's answer. Any thread.
     *
     * @param message consumed: one reference of it, whether it is taken or not. A buffer that came in may itself be sent by the handler that
     *     was given it, while that runs; from elsewhere send its {@code retainedDuplicate()}
     * @return whether it was taken: false when the peer is gone, or when the bounded queue toward it is full
     */
    boolean send(O message);
}

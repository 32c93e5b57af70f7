package io.headrace;

import java.net.SocketAddress;

/** A peer whose socket was accepted and that is no connection yet. The same object from its {@link Gate} to its end. */
public interface Newcomer {

    /**
     * Its address, decoded when asked. Null where the system no longer knows it, because the peer has left again; Unix-domain sockets mostly
     * have an empty one. Any thread.
     */
    SocketAddress address();
}

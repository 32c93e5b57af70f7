package io.headrace.contract;

import java.io.IOException;
import java.net.SocketAddress;

/** The other end, with no Headrace in it. Used by one thread; what does not come in time is an AssertionError. */
public interface RawPeer extends AutoCloseable {

    /** What the server sees as this peer's address. */
    SocketAddress address();

    /** Says one message of these bytes. */
    void say(byte[] message) throws IOException;

    /** Says one message of text. */
    void say(String message) throws IOException;

    /** The next message; null when the other end has finished, where a transport has that. */
    String hear() throws IOException;

    @Override
    void close() throws IOException;
}

package io.headrace.bench.load;

import io.netty.buffer.ByteBuf;

/** A connected datagram socket of one flow. Event loop only. */
interface Datagrams {

    /** Hears of what happens to a socket, until it is closed. */
    interface Listener {
        /** The socket can be used. */
        void opened();

        /** It could not be opened, or was closed by somebody else; it is of no use any more. */
        void broken(Throwable cause);

        /** A datagram came. Its bytes are the socket's, and gone when this returns. */
        void received(ByteBuf bytes, long nowNs);

        /** No more for now. */
        void receivedAll();

        /** It can take datagrams again. */
        void writable();

        /** The kernel tells of a datagram that did not arrive (ICMP), or could not be sent; the socket goes on. */
        void undelivered(Throwable cause);
    }

    /** Opens it; the listener is told whether that has worked, perhaps before this returns. */
    void open();

    boolean canTake();

    /**
     * Sends all of these bytes, at {@link #flush} at the latest. They stay the caller's.
     *
     * @return whether there was room; the listener is told when there is again
     */
    boolean send(ByteBuf datagram);

    /** Whether something waits for {@link #flush}. */
    boolean hasUnflushed();

    void flush();

    /** Nothing is told any more. */
    void close();
}

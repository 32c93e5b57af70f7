package io.headrace.udp;

import io.headrace.DropReason;
import java.net.SocketAddress;

/** The way of datagrams from a lane to its socket. The lane's event loop only. */
interface Exit {

    /** Sends what was encoded, or drops it and says why; null when it was taken. Takes ownership. */
    DropReason send(SocketAddress recipient, Object encoded);

    /** All that came in together has been handled: what was sent for it leaves together. */
    void batchEnded();

    /** Lets everything go on that was sent. */
    void flush();
}

package io.headrace.tcp;

import io.netty.channel.Channel;

/**
 * Why a listening socket does not accept just now. It accepts while there is no reason left: nobody takes accepting up again while another
 * still wants it held. The only place that touches the socket's autoRead. Event loop only.
 */
final class AcceptHold {
    /** Not every endpoint of the server is bound yet. */
    static final int STARTING = 1;
    /** Accepting has failed: a listener that is readable and cannot accept would spin. */
    static final int BACKOFF = 1 << 1;
    /** Somebody waits to be let in. */
    static final int WAITING = 1 << 2;

    private final Channel server;
    private int reasons = STARTING;

    /** Before the channel is on its event loop: nobody is let in yet. */
    AcceptHold(Channel server) {
        this.server = server;
        server.config().setAutoRead(false);
    }

    void hold(int reason) {
        reasons |= reason;
        server.config().setAutoRead(false);
    }

    void letGo(int reason) {
        if (held(reason)) {
            reasons &= ~reason;
            if (reasons == 0) {
                server.config().setAutoRead(true);
            }
        }
    }

    boolean held(int reason) {
        return (reasons & reason) != 0;
    }
}

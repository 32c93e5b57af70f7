package io.headrace.tcp;

import io.netty.channel.unix.Socket;

/** A connection whose socket the system can be asked about. */
interface OnSocket {

    /** A TCP socket of Linux that is ours, or null. Any thread; it may close meanwhile. */
    Socket socket();
}

package io.headrace.tcp;

import io.netty.channel.unix.NativeInetAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * A TCP socket that was accepted and has no channel.
 *
 * @param rawAddress the peer's, as the system wrote it: most applications never ask
 */
record AcceptedSocket(int descriptor, byte[] rawAddress, Sockets<?> sockets) implements Arrival {

    @Override
    public InetSocketAddress address() {
        return NativeInetAddress.address(rawAddress, 0, rawAddress.length);
    }

    @Override
    public void enter(StreamLoop<?, ?> loop) {
        loop.accepted(this);
    }

    @Override
    public boolean gone() {
        return false; // It will show.
    }

    @Override
    public void turnAway() {
        try {
            new Socket(descriptor).close();
        } catch (IOException alreadyGone) {
            // That is what was wanted.
        }
    }

    @Override
    public void reset() {
        try {
            new Socket(descriptor).setSoLinger(0);
        } catch (IOException alreadyGone) {
            // Then it knows.
        }
        turnAway();
    }

    @Override
    public Refused refused(StreamLoop<?, ?> home) {
        return new RefusedSocket(new Socket(descriptor), home, this::turnAway);
    }
}

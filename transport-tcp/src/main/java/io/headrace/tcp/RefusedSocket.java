package io.headrace.tcp;

import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NotYetConnectedException;

/** A refused peer behind a descriptor that no event loop watches. */
final class RefusedSocket extends Refused {
    private final Socket socket;
    private final Runnable close;
    private int wastedBytes;

    RefusedSocket(Socket socket, StreamLoop<?, ?> home, Runnable close) {
        super(home);
        this.socket = socket;
        this.close = close;
    }

    @Override
    void finish(byte[] word) {
        try {
            if (word.length > 0) {
                ByteBuffer bytes = ByteBuffer.allocateDirect(word.length).put(word);
                socket.send(bytes, 0, word.length);
            }
            socket.shutdown(false, true);
            linger();
        } catch (IOException | NotYetConnectedException gone) {
            close();
        }
    }

    @Override
    public boolean finished(ByteBuffer waste) {
        if (held()) {
            return false;
        }
        try {
            int read;
            do {
                read = socket.recv(waste, 0, waste.capacity());
                wastedBytes += Math.max(0, read);
            } while (read == waste.capacity() && wastedBytes <= Lingering.MAX_BYTES);
            if (read >= 0 && !sentTooMuch(wastedBytes)) {
                return false;
            }
        } catch (IOException | NotYetConnectedException reset) {
            // As good as finished.
        }
        close();
        return true;
    }

    @Override
    void close() {
        close.run();
        gone();
    }
}

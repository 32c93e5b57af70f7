package io.headrace.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Connects, reads to the end of the stream, closes. One direct buffer; only the socket itself is new each time. */
final class GreetClient {
    private static final int LONGEST_GREETING = 1_024;

    private final InetSocketAddress server;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(LONGEST_GREETING);

    GreetClient(int port) {
        server = new InetSocketAddress("127.0.0.1", port);
    }

    /** One greeting, and how long it was. One thread at a time. */
    int greeting() throws IOException {
        buffer.clear();
        try (SocketChannel socket = SocketChannel.open(server)) {
            while (socket.read(buffer) >= 0) {
                // To the end of the stream.
            }
        }
        return buffer.position();
    }
}

package io.headrace.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;

/** Sends and waits for the same back, on one blocking socket with one direct buffer: a round trip allocates nothing here. */
final class EchoClient implements AutoCloseable {
    private final ByteChannel socket;
    private final ByteBuffer buffer;

    private EchoClient(ByteChannel socket, int messageBytes) {
        this.socket = socket;
        buffer = ByteBuffer.allocateDirect(messageBytes);
    }

    static EchoClient tcp(int port, int messageBytes) throws IOException {
        return new EchoClient(SocketChannel.open(new InetSocketAddress("127.0.0.1", port)), messageBytes);
    }

    static EchoClient udp(int port, int messageBytes) throws IOException {
        DatagramChannel socket = DatagramChannel.open();
        return new EchoClient(socket.connect(new InetSocketAddress("127.0.0.1", port)), messageBytes);
    }

    /** One message there and back. One thread at a time. */
    void roundTrip() throws IOException {
        buffer.clear();
        while (buffer.hasRemaining()) {
            socket.write(buffer);
        }
        buffer.clear();
        while (buffer.hasRemaining()) {
            if (socket.read(buffer) < 0) {
                throw new EOFException("the server closed");
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

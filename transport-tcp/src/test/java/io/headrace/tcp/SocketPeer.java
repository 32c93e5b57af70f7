package io.headrace.tcp;

import io.headrace.contract.ContractTest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** A socket of the JDK's, TCP or Unix. One thread may send while another receives. */
final class SocketPeer extends StreamPeer {
    private final SocketChannel socket;
    private final Selector readable = Selector.open();
    private final Selector writable = Selector.open();
    private final SocketAddress seenAs;

    private SocketPeer(SocketChannel socket, SocketAddress seenAs) throws IOException {
        this.socket = socket;
        this.seenAs = seenAs;
        socket.configureBlocking(false);
        socket.register(readable, SelectionKey.OP_READ);
        socket.register(writable, SelectionKey.OP_WRITE);
    }

    /** With the smallest buffers there are when {@code small}. */
    static SocketPeer connect(SocketAddress server, boolean small, SocketAddress seenAs) throws IOException {
        SocketChannel socket = server instanceof InetSocketAddress
                ? SocketChannel.open()
                : SocketChannel.open(StandardProtocolFamily.UNIX);
        if (small) {
            socket.setOption(StandardSocketOptions.SO_RCVBUF, 4_096);
            socket.setOption(StandardSocketOptions.SO_SNDBUF, 4_096);
        }
        socket.connect(server);
        return new SocketPeer(socket, seenAs == null ? socket.getLocalAddress() : seenAs);
    }

    /** Connects a socket that is bound already. */
    static SocketPeer connected(SocketChannel socket, SocketAddress server) throws IOException {
        socket.connect(server);
        return new SocketPeer(socket, socket.getLocalAddress());
    }

    @Override
    public SocketAddress address() {
        return seenAs;
    }

    @Override
    int offer(ByteBuffer bytes) throws IOException {
        return socket.write(bytes);
    }

    @Override
    void awaitRoom() throws IOException {
        await(writable, "nothing was taken");
    }

    @Override
    byte[] receive(int maxBytes) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(maxBytes);
        while (true) {
            int read = socket.read(bytes);
            if (read != 0) {
                byte[] received = new byte[Math.max(0, read)];
                bytes.flip().get(received);
                return received;
            }
            await(readable, "nothing came");
        }
    }

    private static void await(Selector selector, String otherwise) throws IOException {
        selector.selectedKeys().clear();
        if (selector.select(ContractTest.PATIENCE.toMillis()) == 0) {
            throw new AssertionError(otherwise + " within " + ContractTest.PATIENCE);
        }
    }

    @Override
    void finish() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    void reset() throws IOException {
        socket.setOption(StandardSocketOptions.SO_LINGER, 0);
        close();
    }

    @Override
    public void close() throws IOException {
        readable.close();
        writable.close();
        socket.close();
    }
}

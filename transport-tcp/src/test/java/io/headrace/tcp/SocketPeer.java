package io.headrace.tcp;

import io.headrace.contract.ContractTest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** A socket of the JDK's, TCP or Unix. */
final class SocketPeer extends StreamPeer {
    private final SocketChannel socket;
    private final Selector selector;
    private final SelectionKey key;
    private final SocketAddress seenAs;

    private SocketPeer(SocketChannel socket, Selector selector, SocketAddress seenAs) throws IOException {
        this.socket = socket;
        this.selector = selector;
        this.seenAs = seenAs;
        socket.configureBlocking(false);
        key = socket.register(selector, 0);
    }

    /** With the smallest buffers there are when {@code small}. */
    static SocketPeer connect(SocketAddress server, boolean small, SocketAddress seenAs) throws IOException {
        SocketChannel socket = server instanceof InetSocketAddress
                ? SocketChannel.open()
                : SocketChannel.open(java.net.StandardProtocolFamily.UNIX);
        if (small) {
            socket.setOption(StandardSocketOptions.SO_RCVBUF, 4_096);
            socket.setOption(StandardSocketOptions.SO_SNDBUF, 4_096);
        }
        socket.connect(server);
        return new SocketPeer(socket, Selector.open(), seenAs == null ? socket.getLocalAddress() : seenAs);
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
        await(SelectionKey.OP_WRITE);
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
            await(SelectionKey.OP_READ);
        }
    }

    private void await(int operation) throws IOException {
        key.interestOps(operation);
        selector.selectedKeys().clear();
        if (selector.select(ContractTest.PATIENCE.toMillis()) == 0) {
            throw new AssertionError((operation == SelectionKey.OP_READ ? "nothing came" : "nothing was taken")
                    + " within " + ContractTest.PATIENCE);
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
        selector.close();
        socket.close();
    }
}

package io.headrace.torture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** A plain echo server on a thread of its own that nobody attacks: how slow the machine itself is just now. One per JVM of tests. */
final class ControlEcho {
    private static final ControlEcho ONLY = new ControlEcho();

    private final Selector selector;
    private final ServerSocketChannel listener;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(4_096);

    private ControlEcho() {
        try {
            selector = Selector.open();
            listener = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
            listener.configureBlocking(false);
            listener.register(selector, SelectionKey.OP_ACCEPT);
        } catch (IOException noSockets) {
            throw new UncheckedIOException(noSockets);
        }
        Thread thread = new Thread(this::run, "control-echo");
        thread.setDaemon(true);
        thread.start();
    }

    static int port() {
        return ONLY.listener.socket().getLocalPort();
    }

    private void run() {
        try {
            while (true) {
                selector.select(this::serve);
            }
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private void serve(SelectionKey key) {
        try {
            if (key.isAcceptable()) {
                SocketChannel peer = listener.accept();
                peer.socket().setTcpNoDelay(true);
                peer.configureBlocking(false);
                peer.register(selector, SelectionKey.OP_READ);
            } else {
                echo((SocketChannel) key.channel());
            }
        } catch (IOException gone) {
            close(key);
        }
    }

    private void echo(SocketChannel peer) throws IOException {
        buffer.clear();
        if (peer.read(buffer) < 0) {
            peer.close();
            return;
        }
        buffer.flip();
        while (buffer.hasRemaining()) {
            peer.write(buffer);
        }
    }

    private static void close(SelectionKey key) {
        try {
            key.channel().close();
        } catch (IOException alreadyGone) {
            key.cancel();
        }
    }
}

package io.headrace.torture;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Arrays;

/** A client that does what it is told, byte by byte. Every read ends after ten seconds. */
final class Peer implements AutoCloseable {
    private static final int PATIENCE_MS = 10_000;

    private final Socket socket;

    private Peer(Socket socket) {
        this.socket = socket;
    }

    static Peer to(int port) throws IOException {
        return to(port, 0, null);
    }

    /** With a receive buffer as small as this; 0 for the system's. */
    static Peer small(int port, int receiveBytes) throws IOException {
        return to(port, receiveBytes, null);
    }

    /** From this address of ours, as 127.0.0.2. */
    static Peer from(String host, int port) throws IOException {
        return to(port, 0, host);
    }

    private static Peer to(int port, int receiveBytes, String host) throws IOException {
        Socket socket = new Socket();
        try {
            if (receiveBytes > 0) {
                socket.setReceiveBufferSize(receiveBytes);
            }
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(PATIENCE_MS);
            if (host != null) {
                socket.bind(new InetSocketAddress(InetAddress.getByName(host), 0));
            }
            socket.connect(new InetSocketAddress("127.0.0.1", port), PATIENCE_MS);
            return new Peer(socket);
        } catch (IOException refused) {
            socket.close();
            throw refused;
        }
    }

    Peer say(String text) throws IOException {
        return say(text.getBytes(UTF_8));
    }

    Peer say(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    Peer say(int... bytes) throws IOException {
        byte[] all = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            all[i] = (byte) bytes[i];
        }
        return say(all);
    }

    /** Says it; that the other end has closed meanwhile is no matter. Returns whether it was taken. */
    boolean trySay(byte[] bytes) {
        try {
            say(bytes);
            return true;
        } catch (IOException closed) {
            return false;
        }
    }

    Peer sayUrgent(int octet) throws IOException {
        socket.sendUrgentData(octet);
        return this;
    }

    Peer finish() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /** Up to the next line feed, or up to the end; null when there is nothing. */
    String line() throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder line = new StringBuilder();
        for (int next; (next = in.read()) != '\n'; ) {
            if (next < 0) {
                return line.length() == 0 ? null : line.toString();
            }
            line.append((char) next);
        }
        return line.toString();
    }

    byte[] bytes(int count) throws IOException {
        return socket.getInputStream().readNBytes(count);
    }

    /** Everything up to the end of the stream. Throws when it ends in a reset. */
    byte[] rest() throws IOException {
        return socket.getInputStream().readAllBytes();
    }

    String restAsText() throws IOException {
        return new String(rest(), UTF_8);
    }

    /** Whether it ends, however it does, within ten seconds. What still comes is thrown away. */
    boolean ends() throws IOException {
        byte[] waste = new byte[4_096];
        try {
            while (socket.getInputStream().read(waste) >= 0) {
                Arrays.fill(waste, (byte) 0);
            }
            return true;
        } catch (SocketException reset) {
            return true;
        } catch (java.net.SocketTimeoutException stillOpen) {
            return false;
        }
    }

    /** Closes with a reset. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException cannotClose) {
            throw new UncheckedIOException(cannotClose);
        }
    }
}

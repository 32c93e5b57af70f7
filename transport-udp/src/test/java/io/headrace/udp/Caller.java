package io.headrace.udp;

import io.headrace.Server;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Somebody on the other side, with a plain socket of the JDK. */
final class Caller implements AutoCloseable {
    private static final int PATIENCE_MS = 10_000;

    private final DatagramSocket socket;
    private SocketAddress target;

    private Caller(DatagramSocket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(PATIENCE_MS);
    }

    /** One who sends to this server. */
    static Caller of(Server server) throws IOException {
        Caller caller = listening();
        caller.target = server.address();
        return caller;
    }

    /** One on this address, who does not know yet whom to send to. */
    static Caller at(String address) throws IOException {
        return new Caller(new DatagramSocket(0, InetAddress.getByName(address)));
    }

    /** One at exactly this place. */
    static Caller on(InetSocketAddress place) throws IOException {
        return new Caller(new DatagramSocket(place));
    }

    /** One who waits to be sent something, and then sends there. */
    static Caller listening() throws IOException {
        return new Caller(new DatagramSocket(0, InetAddress.getByAddress(new byte[] {127, 0, 0, 1})));
    }

    /** Sends there from now on. */
    Caller to(SocketAddress target) {
        this.target = target;
        return this;
    }

    int port() {
        return socket.getLocalPort();
    }

    InetSocketAddress address() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    Caller send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    Caller send(byte[] bytes) throws IOException {
        socket.send(new DatagramPacket(bytes, bytes.length, target));
        return this;
    }

    String receive() throws IOException {
        return new String(receiveBytes(), StandardCharsets.UTF_8);
    }

    byte[] receiveBytes() throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
        socket.receive(packet);
        target = packet.getSocketAddress();
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    String ask(String text) throws IOException {
        return send(text).receive();
    }

    /** Whether nothing waits to be received. */
    boolean heardNothing() throws IOException {
        socket.setSoTimeout(1);
        try {
            receiveBytes();
            return false;
        } catch (SocketTimeoutException nothing) {
            return true;
        } finally {
            socket.setSoTimeout(PATIENCE_MS);
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}

package io.headrace.samples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;

/** A plain socket that speaks text. A reset, and ten seconds of silence, are exceptions. */
final class TestClient implements AutoCloseable {
    private final Socket socket = new Socket();
    private final BufferedReader in;

    TestClient(SocketAddress server) throws IOException {
        socket.setSoTimeout(10_000);
        socket.connect(server, 10_000);
        in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
    }

    TestClient(int port) throws IOException {
        this(new InetSocketAddress("127.0.0.1", port));
    }

    /** What the server says until the end of the stream, if this is all that the client says. */
    static String ask(int port, String question) throws IOException {
        try (TestClient client = new TestClient(port)) {
            client.say(question);
            client.finish();
            return client.rest();
        }
    }

    void say(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(UTF_8));
    }

    /** Nothing more will be said (FIN). */
    void finish() throws IOException {
        socket.shutdownOutput();
    }

    /** The next line, or null at the end. */
    String line() throws IOException {
        return in.readLine();
    }

    /** Everything up to the end of the stream. */
    String rest() throws IOException {
        StringBuilder rest = new StringBuilder();
        for (int c; (c = in.read()) >= 0; ) {
            rest.append((char) c);
        }
        return rest.toString();
    }

    /** Our own end. */
    int port() {
        return socket.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

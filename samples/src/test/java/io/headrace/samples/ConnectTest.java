package io.headrace.samples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConnectTest {
    private final StringBuilder printed = new StringBuilder();
    private ServerSocket server;

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    /** What a server does with the one connection that it gets. */
    private interface Turn {
        void take(Socket client) throws IOException;
    }

    private CompletableFuture<Void> serve(Turn turn) {
        return CompletableFuture.runAsync(() -> {
            try (Socket client = server.accept()) {
                turn.take(client);
            } catch (IOException broken) {
                throw new AssertionError(broken);
            }
        });
    }

    private void receive() throws IOException {
        Connect.receive("127.0.0.1", server.getLocalPort(), text -> printed.append(text) != null);
    }

    @Test
    void printsUntilTheEndOfTheStreamWithControlBytesEscaped() throws IOException {
        CompletableFuture<Void> served = serve(client -> {
            client.getOutputStream().write("220 ready\r\n\u001b]0;owned\u0007".getBytes(ISO_8859_1));
        });

        receive();

        served.join();
        assertThat(printed.toString()).isEqualTo("220 ready\n\\x1b]0;owned\\x07\n");
    }

    @Test
    void receivesMoreThanAnyBufferHolds() throws IOException {
        String line = "0123456789abcde\n";
        CompletableFuture<Void> served = serve(client -> {
            for (int i = 0; i < 1_000; i++) {
                client.getOutputStream().write(line.repeat(1_024).getBytes(ISO_8859_1));
            }
        });

        receive();

        served.join();
        assertThat(printed.length()).isEqualTo(1_000 * 1_024 * 16);
    }

    @Test
    void aResetIsAnError() {
        CompletableFuture<Void> seen = new CompletableFuture<>();
        CompletableFuture<Void> served = serve(client -> {
            client.getOutputStream().write('x');
            seen.join();
            client.setSoLinger(true, 0);
        });

        assertThatThrownBy(() -> Connect.receive("127.0.0.1", server.getLocalPort(), text -> seen.complete(null)))
                .isInstanceOf(IOException.class)
                .hasMessage("connection to 127.0.0.1:" + server.getLocalPort() + " broke: peer_reset");
        served.join();
    }

    @Test
    void leavesWhenNobodyReadsWhatItPrints() throws IOException {
        CompletableFuture<Boolean> left = new CompletableFuture<>();
        CompletableFuture<Void> served = serve(client -> {
            client.getOutputStream().write('x');
            left.complete(client.getInputStream().read() < 0);
        });

        Connect.receive("127.0.0.1", server.getLocalPort(), text -> false);

        served.join();
        assertThat(left).isCompletedWithValue(true);
    }
}

package io.headrace.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.Server;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SocketCallsTest {

    @Test
    void bindListen() throws IOException {
        try (Server server = SocketCalls.bindListen(0)) {
            assertThat(TestClient.ask(server.port(), "")).isEqualTo("Thank you for connecting");
        }
    }

    @Test
    void accept() throws IOException {
        List<String> printed = new CopyOnWriteArrayList<>();
        try (Server server = SocketCalls.accept(0, printed::add)) {
            assertThat(TestClient.ask(server.port(), "hello")).isEqualTo("hello");
            await().until(() -> printed.size() == 2);
            assertThat(printed.get(0)).startsWith("Got connection from /127.0.0.1:");
            assertThat(printed.get(1)).isEqualTo("ended: peer_finished");
        }
    }

    @Test
    void recvSend() throws IOException {
        try (Server server = SocketCalls.recvSend(0)) {
            assertThat(TestClient.ask(server.port(), "hello")).isEqualTo("hello");
        }
    }

    @Test
    void connect() {
        List<String> printed = new CopyOnWriteArrayList<>();
        try (Server server = SocketCalls.recvSend(0)) {
            SocketCalls.connect(server.port(), printed::add);
            await().untilAsserted(() -> assertThat(printed).containsExactly("hello"));
        }
    }

    @Test
    void sendto() {
        List<SocketAddress> seen = new CopyOnWriteArrayList<>();
        try (Server server = SocketCalls.sendto(0, seen::add)) {
            assertThat(SocketCalls.sendtoClient(server.port())
                            .toCompletableFuture()
                            .join())
                    .isEqualTo("hello");
            assertThat(seen).hasSize(1);
        }
    }

    @Test
    void unix(@TempDir Path folder) {
        try (Server server = SocketCalls.unix(folder.resolve("socket"))) {
            assertThat(server.addresses()).hasSize(1);
        }
    }

    @Test
    void close() {
        Server server = SocketCalls.recvSend(0);

        assertThat(SocketCalls.close(server).join().forced()).isZero();
        assertThat(server.state()).isEqualTo(Server.State.STOPPED);
    }
}

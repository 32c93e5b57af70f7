package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.headrace.Loops;
import io.headrace.Loops.Backend;
import io.headrace.Server;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On loops that run on io_uring, connections that are only spoken to have epoll threads beside them. */
class BesideIoUringTest {
    private final Loops loops = Loops.of(Backend.IO_URING).threads(1).named("mine");
    private final Set<String> threads = ConcurrentHashMap.newKeySet();

    @BeforeEach
    void bothAreThere() {
        assumeTrue(Backend.IO_URING.available() && Backend.EPOLL.available());
    }

    private static String heard(Server server, String said) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.getOutputStream().write(said.getBytes(StandardCharsets.UTF_8));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void whoIsOnlyGreetedIsGreetedThere() throws IOException {
        try (Server server = Tcp.listen(0)
                .loops(loops)
                .onConnect(connection -> {
                    threads.add(Thread.currentThread().getName());
                    connection.sendAndClose("Thank you for connecting");
                })
                .start()) {
            assertThat(heard(server, "")).isEqualTo("Thank you for connecting");
            assertThat(threads).containsExactly("mine-epoll-1");
        }
    }

    @Test
    void whoIsListenedToStaysOnIoUring() throws IOException {
        try (Server server = Tcp.listen(0)
                .loops(loops)
                .reply(bytes -> {
                    threads.add(Thread.currentThread().getName());
                    return bytes;
                })
                .start()) {
            assertThat(heard(server, "Ada")).isEqualTo("Ada");
            assertThat(threads).containsExactly("mine-1");
        }
    }
}

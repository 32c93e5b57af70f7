package io.headrace.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.headrace.Server;
import io.headrace.tcp.Tcp;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class GreetTest {
    private final List<String> printed = new CopyOnWriteArrayList<>();

    @Test
    void thanksWhoeverConnectsAndCloses() throws IOException {
        try (Server server = Greet.endpoint(Tcp.listen(0), printed::add).start();
                TestClient client = new TestClient(server.port())) {
            assertThat(client.rest()).isEqualTo("Thank you for connecting").hasSize(24);
            assertThat(printed).containsExactly("Got connection from ('127.0.0.1', " + client.port() + ")");
        }
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "other systems give loopback one address")
    void serves127011Too() throws IOException {
        InetSocketAddress[] both = {new InetSocketAddress("127.0.0.1", 0), new InetSocketAddress("127.0.1.1", 0)};
        try (Server server = Greet.endpoint(Tcp.listen(both), printed::add).start()) {
            assertThat(server.addresses("greeting")).hasSize(2);
            for (SocketAddress address : server.addresses("greeting")) {
                try (TestClient client = new TestClient(address)) {
                    assertThat(client.rest()).isEqualTo("Thank you for connecting");
                }
            }
            assertThat(printed).hasSize(2);
        }
    }

    @Test
    void ipv6PeersArePrintedAsPythonDoes() throws IOException {
        assumeTrue(hasIpv6(), "needs ::1");
        try (Server server = Greet.endpoint(Tcp.listen("::1", 0), printed::add).start();
                TestClient client = new TestClient(server.address())) {
            assertThat(client.rest()).isEqualTo("Thank you for connecting");
            assertThat(printed).containsExactly("Got connection from ('::1', " + client.port() + ", 0, 0)");
        }
    }

    private static boolean hasIpv6() throws IOException {
        try (java.net.ServerSocket probe = new java.net.ServerSocket()) {
            probe.bind(new InetSocketAddress("::1", 0));
            return true;
        } catch (SocketException without) {
            return false;
        }
    }
}

package io.headrace.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.headrace.bench.netty.RawBackend;
import io.headrace.contract.ChildJvm;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RawNettyTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress("127.0.0.1", 0);

    @ParameterizedTest
    @EnumSource
    void lingeringGreetingSurvivesUnreadInput(RawBackend backend) throws Exception {
        assumeTrue(backend.obstacle() == null, () -> "not here: " + backend.obstacle());
        try (RawNetty server = new RawNetty(backend, 1, "raw");
                Socket client = connect(server, new RawNetty.LingeringGreeting())) {
            client.getOutputStream().write(new byte[64 * 1_024]);
            client.shutdownOutput();

            assertThat(client.getInputStream().readAllBytes()).isEqualTo(RawNetty.GREETING);
        }
    }

    @ParameterizedTest
    @EnumSource
    void lingeringGreetingWaitsForASilentClientOnlySoLong(RawBackend backend) throws Exception {
        assumeTrue(backend.obstacle() == null, () -> "not here: " + backend.obstacle());
        try (RawNetty server = new RawNetty(backend, 1, "raw");
                Socket client = connect(server, new RawNetty.LingeringGreeting())) {
            assertThat(client.getInputStream().readAllBytes()).isEqualTo(RawNetty.GREETING);
            // The server has shut its output down and still reads; when its patience ends, writing meets a closed
            // socket.
            await().until(() -> refusesToWrite(client));
        }
    }

    private static boolean refusesToWrite(Socket client) {
        try {
            client.getOutputStream().write('x');
            return false;
        } catch (IOException refused) {
            return true;
        }
    }

    private static Socket connect(RawNetty server, RawNetty.LingeringGreeting greeting) throws Exception {
        InetSocketAddress address = (InetSocketAddress) server.listen(ANY_PORT, greeting);
        return new Socket(address.getAddress(), address.getPort());
    }

    @Test
    void runsAlone() throws Exception {
        try (ChildJvm raw = ChildJvm.start(RawNetty.class, "0")) {
            String[] ready = raw.lineWith("ready").split(" ");
            int greetPort = Integer.parseInt(ready[1]);
            int echoPort = Integer.parseInt(ready[2]);
            int datagramPort = Integer.parseInt(ready[3]);

            try (Socket client = new Socket("127.0.0.1", greetPort);
                    EchoClient echo = EchoClient.tcp(echoPort, 64);
                    EchoClient datagrams = EchoClient.udp(datagramPort, 64)) {
                assertThat(new String(client.getInputStream().readAllBytes(), US_ASCII))
                        .isEqualTo("Thank you for connecting");
                echo.roundTrip();
                datagrams.roundTrip();
            }
        }
    }
}

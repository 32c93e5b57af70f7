package io.headrace.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headrace.CannotStartException;
import io.headrace.Loops.Backend;
import io.headrace.bench.Serving.Choices;
import io.headrace.bench.Serving.GreetingClose;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whoever serves, on whichever backend, the targets behave alike. */
@ParameterizedClass(name = "{0} on {1}")
@MethodSource("contendersOnBackends")
class ServingTest {
    private static final String GREETING = "Thank you for connecting";

    @Parameter(0)
    Contender contender;

    @Parameter(1)
    Backend backend;

    @TempDir
    Path folder;

    static Stream<Arguments> contendersOnBackends() {
        return Arrays.stream(Contender.values())
                .flatMap(contender -> Arrays.stream(Backend.values())
                        .filter(Backend::available)
                        .map(backend -> Arguments.of(contender, backend)));
    }

    private Serving serve(String... targets) {
        Choices choices = new Choices(backend, 1, GreetingClose.ABRUPT, false, false);
        return contender.start(
                choices, Arrays.stream(targets).map(Target::parse).toList());
    }

    @Test
    void greetsOnTcp() throws IOException {
        try (Serving serving = serve("greet=tcp://127.0.0.1:0")) {
            assertThat(greeting(address(serving, 0))).isEqualTo(GREETING);
        }
    }

    @Test
    void greetsOnUnix() throws IOException {
        try (Serving serving = serve("greet=unix:" + folder.resolve("greet"))) {
            assertThat(greeting(address(serving, 0))).isEqualTo(GREETING);
        }
    }

    @Test
    void echoesOnTcp() throws IOException {
        try (Serving serving = serve("echo=tcp://127.0.0.1:0")) {
            assertThat(echo(address(serving, 0), "water")).isEqualTo("water");
        }
    }

    @Test
    void echoesOnUnix() throws IOException {
        try (Serving serving = serve("echo=unix:" + folder.resolve("echo"))) {
            assertThat(echo(address(serving, 0), "water")).isEqualTo("water");
        }
    }

    @Test
    void echoesDatagrams() throws IOException {
        try (Serving serving = serve("echo=udp://127.0.0.1:0");
                EchoClient client = EchoClient.udp(serving.port(), 64)) {
            client.roundTrip();
            client.roundTrip();
        }
    }

    @Test
    void discardsStreamsAndDatagrams() throws IOException {
        try (Serving serving =
                        serve("discard=tcp://127.0.0.1:0", "discard=udp://127.0.0.1:0", "echo=tcp://127.0.0.1:0");
                SocketChannel socket = SocketChannel.open(address(serving, 0));
                DatagramChannel datagrams = DatagramChannel.open().connect(address(serving, 1))) {
            socket.configureBlocking(false);
            datagrams.configureBlocking(false);
            socket.write(ByteBuffer.wrap(new byte[100]));
            datagrams.write(ByteBuffer.wrap(new byte[100]));

            // One loop serves all: what is answered there comes after what is not answered here.
            assertThat(echo(address(serving, 2), "wheel")).isEqualTo("wheel");
            assertThat(socket.read(ByteBuffer.allocate(100))).isZero();
            assertThat(datagrams.read(ByteBuffer.allocate(100))).isZero();
        }
    }

    @Test
    void servesAllTargetsOnTheSameLoop() throws IOException {
        try (Serving serving = serve("greet=tcp://127.0.0.1:0", "echo=tcp://127.0.0.1:0", "echo=udp://127.0.0.1:0")) {
            assertThat(greeting(address(serving, 0))).isEqualTo(GREETING);
            assertThat(echo(address(serving, 1), "wheel")).isEqualTo("wheel");
            assertThat(loopThreads()).isEqualTo(1);
        }
    }

    @Test
    void servesAllTargetsOrNone() throws IOException {
        Path path = folder.resolve("first");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = "127.0.0.1:" + taken.getLocalPort();

            assertThatThrownBy(() -> serve("echo=unix:" + path, "echo=tcp://" + port))
                    .isInstanceOf(CannotStartException.class)
                    .hasMessageMatching("cannot start .*" + port + ": Address already in use");
            assertThatThrownBy(() -> echo(UnixDomainSocketAddress.of(path), "water"))
                    .isInstanceOf(IOException.class);
            await().until(() -> loopThreads() == 0);
        }
    }

    private static long loopThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().matches(Serving.LOOP_NAME + "-[-0-9]+"))
                .count();
    }

    private static SocketAddress address(Serving serving, int target) {
        SocketAddress address = serving.targets().get(target).address();
        return address instanceof InetSocketAddress internet
                ? new InetSocketAddress(internet.getHostString(), internet.getPort())
                : address;
    }

    private static String greeting(SocketAddress address) throws IOException {
        try (SocketChannel socket = SocketChannel.open(address)) {
            return new String(Channels.newInputStream(socket).readAllBytes(), US_ASCII);
        }
    }

    private static String echo(SocketAddress address, String text) throws IOException {
        try (SocketChannel socket = SocketChannel.open(address)) {
            socket.write(ByteBuffer.wrap(text.getBytes(US_ASCII)));
            return new String(Channels.newInputStream(socket).readNBytes(text.length()), US_ASCII);
        }
    }
}

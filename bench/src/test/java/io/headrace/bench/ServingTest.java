package io.headrace.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.headrace.CannotStartException;
import io.headrace.Client;
import io.headrace.Loops.Backend;
import io.headrace.bench.Serving.Choices;
import io.headrace.bench.Serving.GreetingClose;
import io.headrace.udp.UnixDatagram;
import io.netty.buffer.ByteBuf;
import io.netty.handler.ssl.SslContext;
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
import java.util.List;
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

    /** Who can serve on this runtime. */
    static Stream<Contender> contenders() {
        return Arrays.stream(Contender.values())
                .filter(contender -> contender != Contender.JDK || JdkBaseline.available());
    }

    /** A backend of null is the best that the contender has. */
    static Stream<Arguments> contendersOnBackends() {
        return contenders()
                .flatMap(contender -> Stream.concat(
                                Stream.of((Backend) null),
                                Arrays.stream(Backend.values()).filter(backend -> has(contender, backend)))
                        .map(backend -> Arguments.of(contender, backend)));
    }

    private static boolean has(Contender contender, Backend backend) {
        return switch (contender) {
            case HEADRACE, NETTY, REACTOR, VERTX -> backend.available();
            case MINA -> backend == Backend.NIO;
            case JDK -> false;
        };
    }

    private boolean hasUnix() {
        return contender != Contender.MINA && contender != Contender.JDK;
    }

    private Serving serve(String... targets) {
        List<Target> wanted = Arrays.stream(targets).map(Target::parse).toList();
        SslContext tls = new ServerCertificate().context(wanted);
        return contender.start(new Choices(backend, 1, GreetingClose.ABRUPT, false, false, false, tls), wanted);
    }

    @Test
    void greetsOnTcp() throws IOException {
        try (Serving serving = serve("greet=tcp://127.0.0.1:0")) {
            assertThat(greeting(address(serving, 0))).isEqualTo(GREETING);
        }
    }

    @Test
    void greetsOnUnix() throws IOException {
        assumeTrue(hasUnix());
        try (Serving serving = serve("greet=unix:" + folder.resolve("greet"))) {
            assertThat(greeting(address(serving, 0))).isEqualTo(GREETING);
        }
    }

    @Test
    void greetsOnTlsAndSaysThatThisWasAll() throws Exception {
        assumeTrue(contender.servesTls());
        try (Serving serving = serve("greet=tls://127.0.0.1:0")) {
            assertThat(TlsClient.said(address(serving, 0))).isEqualTo(new TlsClient.Said(GREETING, true, null));
        }
    }

    @Test
    void greetsNobodyInTheClear() throws IOException {
        assumeTrue(contender.servesTls());
        try (Serving serving = serve("greet=tls://127.0.0.1:0");
                SocketChannel socket = SocketChannel.open(address(serving, 0))) {
            socket.write(ByteBuffer.wrap("this is no ClientHello".getBytes(US_ASCII)));
            assertThat(new String(Channels.newInputStream(socket).readAllBytes(), US_ASCII))
                    .doesNotContain("Thank");
        }
    }

    @Test
    void echoesOnTls() throws Exception {
        assumeTrue(contender.servesTls());
        try (Serving serving = serve("echo=tls://127.0.0.1:0");
                TlsClient client = TlsClient.to(address(serving, 0))) {
            client.say("water");
            await().until(() -> client.heard().text().equals("water"));
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
        assumeTrue(hasUnix());
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

            // One loop serves all, or nearly so: what is answered there comes after what is not answered here.
            assertThat(echo(address(serving, 2), "wheel")).isEqualTo("wheel");
            assertThat(socket.read(ByteBuffer.allocate(100))).isZero();
            assertThat(datagrams.read(ByteBuffer.allocate(100))).isZero();
        }
    }

    @Test
    void servesAllTargetsOnTheSameLoop() throws IOException {
        assumeTrue(contender == Contender.HEADRACE || contender == Contender.NETTY, "others have threads of their own");
        try (Serving serving = serve("greet=tcp://127.0.0.1:0", "echo=tcp://127.0.0.1:0", "echo=udp://127.0.0.1:0")) {
            assertThat(greeting(address(serving, 0))).isEqualTo(GREETING);
            assertThat(echo(address(serving, 1), "wheel")).isEqualTo("wheel");
            assertThat(loopThreads()).isEqualTo(1);
        }
    }

    /** A port 0 is a port of its own: where two targets share one, every other connection is served by the wrong one. */
    @Test
    void everyTargetHasItsOwnPort() throws IOException {
        try (Serving serving =
                serve("greet=tcp://127.0.0.1:0", "echo=tcp://127.0.0.1:0", "discard=tcp://127.0.0.1:0")) {
            assertThat(serving.targets().stream().map(Target::address)).doesNotHaveDuplicates();
            for (int i = 0; i < 4; i++) {
                assertThat(greeting(address(serving, 0))).isEqualTo(GREETING);
                assertThat(echo(address(serving, 1), "wheel")).isEqualTo("wheel");
            }
        }
    }

    /** Input that nobody reads makes a close abrupt: who only reads gets all of it, always. */
    @Test
    void everyGreetingArrives() throws IOException {
        try (Serving serving = serve("greet=tcp://127.0.0.1:0")) {
            for (int i = 0; i < 200; i++) {
                assertThat(greeting(address(serving, 0))).isEqualTo(GREETING);
            }
        }
    }

    @Test
    void saysWhatItIsAndHowItReallyServes() {
        try (Serving serving = serve("echo=tcp://127.0.0.1:0", "echo=udp://127.0.0.1:0")) {
            assertThat(serving.version())
                    .matches(
                            switch (contender) {
                                case HEADRACE -> "Headrace on Netty 4\\.2\\.\\S+";
                                case NETTY -> "Netty 4\\.2\\.\\S+";
                                case REACTOR -> "Reactor Netty 1\\.3\\.\\d+, Netty 4\\.2\\.\\S+";
                                case VERTX -> "Vert.x 5\\.\\d+\\.\\d+, Netty 4\\.2\\.\\S+";
                                case MINA -> "Apache MINA 2\\.2\\.\\d+";
                                case JDK -> "Java \\d+.*";
                            });
            if (backend != null) {
                assertThat(serving.transport()).isEqualTo(backend.toString());
            } else if (contender == Contender.REACTOR || contender == Contender.VERTX) {
                assertThat(serving.transport().equals("nio"))
                        .isEqualTo(!Backend.EPOLL.available() && !Backend.KQUEUE.available());
            }
        }
    }

    @Test
    void echoesUnixDatagrams() {
        assumeTrue(contender == Contender.HEADRACE && (backend == Backend.EPOLL || backend == Backend.KQUEUE));
        Path path = folder.resolve("echo");
        try (Serving serving = serve("echo=unixgram:" + path);
                Client<ByteBuf, Object> client =
                        UnixDatagram.connect(path, folder.resolve("own")).start()) {
            assertThat(serving.targets()).hasToString("[echo=unixgram:" + path + "]");
            ByteBuf answer = client.ask("water").toCompletableFuture().join();
            assertThat(answer.toString(US_ASCII)).isEqualTo("water");
            answer.release();
        }
    }

    @Test
    void servesAllTargetsOrNone() throws IOException {
        String first = hasUnix() ? "echo=unix:" + folder.resolve("first") : "echo=udp://127.0.0.1:0";
        Path path = folder.resolve("first");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = "127.0.0.1:" + taken.getLocalPort();

            assertThatThrownBy(() -> serve(first, "echo=tcp://" + port))
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

package io.headrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.util.ReferenceCountUtil;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each way to fail is counted by its kind, with one sample, and never looks like an answer. */
class ErrorsTest {

    private static void onlyError(Report report, ErrorKind kind) {
        assertThat(report.total().errors()).containsOnlyKeys(kind);
        assertThat(report.total().errors().get(kind).sample()).startsWith("tcp://127.0.0.1:");
        assertThat(report.total().count(Count.ANSWERED)).isZero();
        assertThat(report.total().histogram(Timing.RESPONSE).getTotalCount()).isZero();
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"echo", "connect", "rate -R 100"})
    void refused(String mode) throws Exception {
        Loading loading =
                Loading.of(mode + " -c 2 -d 250ms --warmup 0s --quiet --json -", "tcp://127.0.0.1:" + freePort());

        assertThat(loading.status()).isEqualTo(1);
        onlyError(ReportJson.read(loading.out().trim()), ErrorKind.REFUSED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "epoll", "io_uring"})
    void noSuchLocalAddress(String transport) throws Exception {
        if (ModesTest.backends().noneMatch(backend -> backend.toString().equals(transport))) {
            return;
        }
        try (Served server = Served.tcp(Served::echo)) {
            // An address for documentation (RFC 5737), which no machine has.
            onlyError(
                    Loading.report("echo --source 192.0.2.1 -c 2 --transport " + transport, server),
                    ErrorKind.NO_LOCAL_PORT);
        }
    }

    @Test
    void connectTimeout() throws Exception {
        try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            // Nobody accepts: when the queue is full the kernel stops answering.
            Report report = Loading.report(
                    "connect --greeting 0 -c 4 -d 1s --timeout 250ms", "tcp://127.0.0.1:" + deaf.getLocalPort());

            assertThat(report.total().errors()).containsOnlyKeys(ErrorKind.CONNECT_TIMEOUT);
        }
    }

    @Test
    void connectionThatIsGivenUpIsRecordedAtItsAge() throws Exception {
        try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Report report = Loading.report(
                    "soak -c 4 -d 1s --timeout 250ms --slo connect.max<200ms",
                    "tcp://127.0.0.1:" + deaf.getLocalPort());

            Histogram unconnected = report.total().histogram(Timing.UNCONNECTED);
            assertThat(report.total().errors()).containsOnlyKeys(ErrorKind.CONNECT_TIMEOUT);
            assertThat(unconnected.getTotalCount()).isPositive();
            assertThat(unconnected.getMinValue()).isGreaterThan(240_000_000);
            assertThat(Gate.results(report).get(0).met()).isFalse();
        }
    }

    @Test
    void gateThatNoRequestCanBreakIsWarnedOf() {
        try (Served server = Served.tcp(Served::echo)) {
            String words = "echo -c 1 -d 50ms --warmup 0s --quiet --timeout 500ms --slo ";

            assertThat(Loading.of(words + "p99<1s", server).err())
                    .contains("warning: p99<1s holds without any answer, at --timeout 500 ms");
            assertThat(Loading.of(words + "p99<500ms,errors<1%", server).err()).doesNotContain("warning");
        }
    }

    @Test
    void handshakeThatTakesTooLongIsAConnectTimeout() {
        // It takes the first message of the handshake, and says nothing.
        try (Served server = Served.tcp(() -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ReferenceCountUtil.release(message);
            }
        })) {
            Loading loading = Loading.of(
                    "echo -c 2 -d 1m --timeout 200ms --tls-insecure --quiet --json -",
                    "tls://localhost:" + server.port());

            assertThat(loading.status()).isEqualTo(1);
            assertThat(loading.report().total().errors()).containsOnlyKeys(ErrorKind.CONNECT_TIMEOUT);
        }
    }

    @Test
    void patienceWithConnectingIsAsLongAsItIsSaidToBe() {
        assertThat(Wire.patienceMs(600_000_000_000L)).isEqualTo(600_000);
        assertThat(Wire.patienceMs(1)).isEqualTo(1);
        assertThat(Wire.patienceMs(Long.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
        assertThat(ErrorKind.ofConnect(new ConnectException("finishConnect(..) failed: Connection timed out")))
                .isEqualTo(ErrorKind.CONNECT_TIMEOUT);
    }

    @Test
    void requestWithoutAConnectionSaysWhereItWasToGo() {
        // Each request ends the connection, which is opened again after 100 ms: longer than those behind it may wait.
        try (Served server = Served.tcp(() -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ReferenceCountUtil.release(message);
                ctx.close();
            }
        })) {
            Report report = Loading.report("rate -R 500 -c 1 -d 500ms --timeout 40ms", server);

            assertThat(report.total().errors().get(ErrorKind.TIMEOUT).sample()).startsWith(server + ": no ");
        }
    }

    @Test
    void sourceHasTheFamilyOfItsTarget() {
        CommandLineError.expect(
                "echo --source 127.0.0.1 tcp://[::1]:1",
                "--source: 127.0.0.1 (expected: addresses of the family of tcp://[::1]:1)");
        CommandLineError.expect(
                "udp --source ::1 udp://127.0.0.1:1",
                "--source: ::1 (expected: addresses of the family of udp://127.0.0.1:1)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"echo", "rate -R 100"})
    void endedBeforeTheAnswer(String mode) {
        try (Served server = Served.tcp(() -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ReferenceCountUtil.release(message);
                ctx.close();
            }
        })) {
            onlyError(Loading.report(mode + " -c 2 -d 300ms", server), ErrorKind.EOF);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "epoll", "io_uring"})
    void reset(String transport) {
        if (ModesTest.backends().noneMatch(backend -> backend.toString().equals(transport))) {
            return;
        }
        try (Served server = Served.tcp(() -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ReferenceCountUtil.release(message);
                ctx.channel().config().setOption(ChannelOption.SO_LINGER, 0);
                ctx.close();
            }
        })) {
            onlyError(Loading.report("echo -c 2 -d 300ms --transport " + transport, server), ErrorKind.RESET);
        }
    }

    @Test
    void anotherAnswerThanTheRequest() {
        try (Served server = Served.tcp(() -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ReferenceCountUtil.release(message);
                ctx.writeAndFlush(Unpooled.copiedBuffer("no".repeat(32), StandardCharsets.US_ASCII));
            }
        })) {
            onlyError(Loading.report("echo -c 2 -d 200ms", server), ErrorKind.MISMATCH);
        }
    }

    @Test
    void noAnswerIsRecordedAtItsAge() {
        try (Served server = Served.tcp(() -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ReferenceCountUtil.release(message);
            }
        })) {
            Report report = Loading.report("echo -c 2 -d 700ms --timeout 200ms", server);

            onlyError(report, ErrorKind.TIMEOUT);
            assertThat(report.total().count(Count.FAILED)).isGreaterThanOrEqualTo(2);
            assertThat(report.total().everyRequest().getMaxValue()).isGreaterThanOrEqualTo(200_000_000);
        }
    }

    @Test
    void requestsThatNoConnectionTookFailAtTheirAge() {
        try (Served server = Served.tcp(() -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ReferenceCountUtil.release(message);
            }
        })) {
            Report report = Loading.report("rate -R 200 -c 1 -d 600ms --timeout 100ms", server);
            Slice total = report.total();

            // One is in flight, those behind it wait for the connection and are never sent.
            onlyError(report, ErrorKind.TIMEOUT);
            assertThat(total.count(Count.UNSENT)).isGreaterThan(total.count(Count.SENT));
            assertThat(total.count(Count.SENT) + total.count(Count.UNSENT)).isEqualTo(120);
            assertThat(total.count(Count.FAILED) + total.count(Count.UNFINISHED))
                    .isEqualTo(120);
        }
    }
}

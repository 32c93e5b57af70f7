package io.headrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.Codec;
import io.headrace.Server;
import io.headrace.bench.netty.RawBackend;
import io.headrace.tcp.Framing;
import io.headrace.tcp.Tcp;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SslContext;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each mode over each kind of socket asks and is answered, and its books balance. */
class ModesTest {
    @TempDir
    Path folder;

    static Stream<RawBackend> backends() {
        return Arrays.stream(RawBackend.values()).filter(backend -> backend.obstacle() == null);
    }

    private static void balances(Report report) {
        Slice total = report.total();
        assertThat(total.count(Count.SENT) + total.count(Count.UNSENT))
                .isEqualTo(total.count(Count.ANSWERED) + total.count(Count.FAILED) + total.count(Count.UNFINISHED));
        assertThat(total.histogram(Timing.RESPONSE).getTotalCount()).isEqualTo(total.count(Count.ANSWERED));
        assertThat(total.histogram(Timing.UNANSWERED).getTotalCount())
                .isEqualTo(total.count(Count.FAILED) + total.count(Count.UNFINISHED));
    }

    private static void worked(Report report) {
        balances(report);
        assertThat(report.total().errors()).isEmpty();
        assertThat(report.total().count(Count.ANSWERED)).isGreaterThan(5);
        assertThat(report.total().count(Count.FAILED)).isZero();
    }

    @ParameterizedTest
    @MethodSource("backends")
    void echoOnTcp(RawBackend backend) {
        try (Served server = Served.tcp(Served::echo)) {
            Report report = Loading.report("echo -c 4 -t 2 -d 200ms --transport " + backend, server);

            worked(report);
            assertThat(report.total().count(Count.OPENED)).isEqualTo(4);
            assertThat(report.total().count(Count.UNFINISHED)).isEqualTo(4);
            assertThat(report.about("transport")).isEqualTo(backend.toString());
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void echoOnUnix(RawBackend backend) {
        Path path = folder.resolve("echo");
        try (Served server = Served.unix(path, Served::echo)) {
            worked(Loading.report("echo -c 4 -d 200ms --transport " + backend, server));
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void echoOnTls(RawBackend backend) throws Exception {
        Certificate certificate = Certificate.in(folder);
        SslContext context = certificate.server();
        try (Served server =
                Served.line(() -> new ChannelHandler[] {context.newHandler(ByteBufAllocator.DEFAULT), Served.echo()})) {
            String target = "tls://localhost:" + server.port();

            worked(Loading.report(
                    "echo -c 4 -d 300ms --transport " + backend + " --tls-ca " + certificate.pem(), target));
            worked(Loading.report("pipeline -w 4 -d 300ms --tls-insecure --transport " + backend, target));
        }
    }

    @Test
    void certificateOfOursIsShownToWhoWantsOne() throws Exception {
        Certificate certificate = Certificate.in(folder);
        SslContext context = certificate.serverForItsOwn();
        try (Served server =
                Served.line(() -> new ChannelHandler[] {context.newHandler(ByteBufAllocator.DEFAULT), Served.echo()})) {
            String target = "tls://localhost:" + server.port();
            String ours = " --tls-cert " + certificate.pem() + " --tls-key " + certificate.key();

            worked(Loading.report("echo -c 2 -d 300ms --tls-insecure" + ours, target));
            assertThat(Loading.report("echo -c 2 -d 300ms --tls-insecure", target)
                            .total()
                            .count(Count.ANSWERED))
                    .isZero();
        }
    }

    @Test
    void untrustedCertificateIsATlsErrorAndNothingIsDone() throws Exception {
        SslContext context = Certificate.in(folder).server();
        try (Served server =
                Served.line(() -> new ChannelHandler[] {context.newHandler(ByteBufAllocator.DEFAULT), Served.echo()})) {
            Loading loading = Loading.of("echo -c 2 -d 1m --quiet", "tls://localhost:" + server.port());

            assertThat(loading.status()).isEqualTo(1);
            assertThat(loading.out())
                    .containsPattern("error        tls: \\d+, first: tls://localhost:" + server.port());
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void pipelineKeepsItsWindow(RawBackend backend) {
        try (Served server = Served.tcp(Served::echo)) {
            Report report = Loading.report("pipeline -w 100 -s 1000 -c 3 -d 300ms --transport " + backend, server);

            worked(report);
            long unfinished = report.total().count(Count.UNFINISHED);
            // The end may come between an answer and the request that takes its place.
            assertThat(unfinished).isBetween(100L, 300L);
            assertThat(report.total().count(Count.SENT))
                    .isEqualTo(report.total().count(Count.ANSWERED) + unfinished)
                    .isGreaterThan(600);
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void connectReadsTheGreetingToItsEnd(RawBackend backend) {
        try (Server server = Tcp.listen(0)
                .onConnect(connection -> connection.sendAndClose("Thank you for connecting"))
                .start()) {
            Report report =
                    Loading.report("connect -c 4 -d 1s --transport " + backend, "tcp://127.0.0.1:" + server.port());

            worked(report);
            assertThat(report.total().count(Count.BYTES_RECEIVED) / 24.0)
                    .isBetween((double) report.total().count(Count.ANSWERED), (double)
                            report.total().count(Count.SENT));
            assertThat(report.total().count(Count.CLOSED_BY_SERVER))
                    .isEqualTo(report.total().count(Count.ANSWERED));
        }
    }

    @Test
    void connectClosesFirstWhereItIsTold() {
        try (Served server = Served.tcp(Served::echo)) {
            Report report = Loading.report("connect --greeting 0 -c 2 -d 200ms", server);

            worked(report);
            assertThat(report.total().count(Count.CLOSED_BY_SERVER)).isZero();
            assertThat(report.total().count(Count.CLOSED_BY_US))
                    .isEqualTo(report.total().count(Count.OPENED));
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void rateAsksAsManyAsItShould(RawBackend backend) {
        try (Served server = Served.tcp(Served::echo)) {
            Report report = Loading.report("rate -R 2000 -c 7 -t 2 -d 500ms --transport " + backend, server);

            worked(report);
            assertThat(report.pace().expected()).isEqualTo(1_000);
            assertThat(report.total().count(Count.SENT) + report.total().count(Count.UNSENT))
                    .isEqualTo(report.pace().paced());
            assertThat(report.total().histogram(Timing.SEND_LAG).getTotalCount())
                    .isEqualTo(report.pace().paced());
            assertThat(report.total().histogram(Timing.SERVICE).getTotalCount())
                    .isEqualTo(report.total().count(Count.ANSWERED));
        }
    }

    @Test
    void shardsTogetherAskWhatOneRunAsks() {
        try (Served server = Served.tcp(Served::echo)) {
            Report one = Loading.report("rate -R 1000 -c 5 -d 400ms --shard 1/2", server);
            Report two = Loading.report("rate -R 1000 -c 5 -d 400ms --shard 2/2", server);
            Report both = Report.merge(List.of(one, two));

            assertThat(one.total().count(Count.OPENED)).isEqualTo(3);
            assertThat(two.total().count(Count.OPENED)).isEqualTo(2);
            assertThat(one.total().count(Count.SENT) + one.total().count(Count.UNSENT))
                    .isEqualTo(240);
            assertThat(both.total().count(Count.SENT) + both.total().count(Count.UNSENT))
                    .isEqualTo(400);
            balances(both);
        }
    }

    @Test
    void answersMayBeLines() {
        try (Server server = Tcp.listen(0)
                .with(Framing.lines(100))
                .codec(Codec.utf8())
                .reply(name -> "Hello, " + name + "!")
                .start()) {
            worked(Loading.report(
                    "pipeline -w 3 -d 200ms -m Ada\\n --answer line", "tcp://127.0.0.1:" + server.port()));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NIO"})
    void answersMayHaveASizeOfTheirOwn(RawBackend backend) {
        try (Served server = Served.tcp(Served::echo)) {
            Report report = Loading.report("echo -s 100 --answer 50 -c 1 -d 200ms --transport " + backend, server);

            // Twice as many answers as requests: that is not what was asked for.
            assertThat(report.total().errors()).containsKey(ErrorKind.MISMATCH);
            balances(report);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"connect", "echo", "pipeline", "rate", "udp", "bulk", "soak", "find"})
    void everyModeSaysWhatItUnderstands(String mode) {
        Loading loading = Loading.of(mode + " -h");

        assertThat(loading.status()).isZero();
        assertThat(loading.out())
                .contains("--connections", "--slo", "--html", "errors<0.1%,")
                .doesNotContain("%%");
    }

    @Test
    void warmUpIsInNoTotal() {
        try (Served server = Served.tcp(Served::echo)) {
            Loading loading =
                    Loading.of("rate -R 1000 -c 2 --warmup 300ms -d 200ms --interval 100ms --quiet --json -", server);
            Report report = ReportJson.read(loading.out().trim());

            assertThat(report.total().count(Count.SENT) + report.total().count(Count.UNSENT))
                    .isEqualTo(200);
            assertThat(report.intervals()).extracting(Interval::warm).containsExactly(true, true, true, false, false);
            assertThat(report.intervals().stream()
                            .filter(Interval::warm)
                            .mapToLong(interval -> interval.slice().count(Count.SENT))
                            .sum())
                    .isBetween(1L, 300L);
        }
    }
}

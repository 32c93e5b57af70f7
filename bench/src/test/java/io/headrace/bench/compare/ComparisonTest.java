package io.headrace.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.headrace.bench.load.Browser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is made of samples, and of words. */
class ComparisonTest {
    @TempDir
    Path folder;

    private static final List<String> SERVERS = List.of("headrace", "netty");

    private static Sample sample(long answered, double cpuNs, long responseNs, boolean limited) {
        Histogram responses = new Histogram(3);
        responses.recordValueWithCount(responseNs, answered);
        return new Sample(answered, 1_000_000_000, cpuNs, responses, 0, 0.5, limited, null);
    }

    private static Comparison comparison(List<Sample> first, List<Sample> second, String... gates) {
        List<Row> rows = List.of(new Row("netty", first, first), new Row("headrace", second, first));
        return new Comparison(
                Map.of("cores", "any"),
                Map.of("netty", "ready"),
                Map.of(Workload.ECHO, "echo"),
                Map.of(Workload.ECHO, rows),
                Stream.of(gates).map(RatioGate::parse).toList(),
                false);
    }

    @Test
    void ratiosAreMadeWithinARoundAndOnlyThenReduced() {
        // A machine that gets ten times slower: between the medians of all rounds there is nothing like 0.9.
        List<Sample> netty = new ArrayList<>();
        List<Sample> headrace = new ArrayList<>();
        for (int slow = 1; slow <= 10; slow++) {
            netty.add(sample(100, 100_000 * slow, 1_000, false));
            headrace.add(sample(50, 45_000 * slow, 2_000, false));
        }
        headrace.set(3, Sample.failed("no such luck"));

        Row row = comparison(netty, headrace).row(Workload.ECHO, "headrace");

        assertThat(row.cpuRatio().low()).isEqualTo(0.9, within(1e-9));
        assertThat(row.cpuRatio().median()).isEqualTo(0.9, within(1e-9));
        assertThat(row.cpuRatio().high()).isEqualTo(0.9, within(1e-9));
        assertThat(row.rateRatio().median()).isEqualTo(0.5, within(1e-9));
        assertThat(row.failedRounds()).isEqualTo(1);
        assertThat(row.responses().getTotalCount()).isEqualTo(9 * 50);
    }

    @Test
    void percentilesAreOfAllRoundsWithTheQuartilesOfEach() {
        List<Sample> rounds = List.of(
                sample(100, 1_000, 1_000, false),
                sample(100, 1_000, 2_000, false),
                sample(100, 1_000, 3_000, false),
                sample(100, 1_000, 4_000, false),
                sample(100, 1_000, 5_000, false));

        assertThat(comparison(rounds, rounds).text())
                .containsPattern("server +CPU/operation .* p50 +p99 +p99.9 ")
                .contains("  3.00 us [2.00-4.00]  5.00 us [2.00-4.00]  5.00 us [2.00-4.00]  ");
    }

    private static Comparison of(Map<String, String> servers) {
        return new Comparison(Map.of(), servers, Map.of(), Map.of(), List.of(), false);
    }

    @Test
    void eachServersVersionAndTransportStandUnderTheTable() {
        Map<String, String> servers = new LinkedHashMap<>();
        servers.put("netty", "ready: netty (Netty 4.2.18.Final) on epoll, 1 loop: greet=tcp://127.0.0.1:1");
        servers.put("c", "ready 1 2 3");

        assertThat(of(servers).text())
                .contains(
                        "server netty: netty (Netty 4.2.18.Final) on epoll, 1 loop\n",
                        "server c: it says: ready 1 2 3\n")
                .doesNotContain("not on the same transport");

        servers.put("reactor", "ready: reactor (Reactor Netty 1.3.8) on io_uring, 1 loop: greet=tcp://127.0.0.1:1");
        assertThat(of(servers).text()).contains("The servers are not on the same transport, but on epoll, io_uring: ");
    }

    @Test
    void quartilesLieBetweenNeighboursInProportion() {
        assertThat(Spread.of(List.of(4.0, 1.0, 3.0, 2.0))).isEqualTo(new Spread(1.75, 2.5, 3.25));
        assertThat(Spread.of(List.of(7.0, Double.NaN))).isEqualTo(new Spread(7, 7, 7));
        assertThat(Spread.of(List.of()).median()).isNaN();
        assertThat(Spread.of(List.of())).hasToString("-");
    }

    @Test
    void theExitCodeSaysWhatIsWrongMostFirst() {
        List<Sample> good = List.of(sample(100, 1_000, 1_000, false));
        List<Sample> worse = List.of(sample(100, 1_100, 1_000, true));
        Comparison met = comparison(good, worse, "echo:headrace<=1.10");
        Comparison broken = comparison(good, worse, "echo:headrace<1.10");

        assertThat(Compare.status(met, false)).isZero();
        assertThat(Compare.status(comparison(good, List.of(Sample.failed("no"))), false))
                .isEqualTo(1);
        assertThat(Compare.status(broken, false)).isEqualTo(3);
        assertThat(Compare.status(broken, true)).isEqualTo(4);
        assertThat(broken.text())
                .contains("GENERATOR LIMITED in 1 rounds of echo", "gate echo:headrace<1.10: BROKEN, it is 1.100");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            headrace                  | headrace                  | --server headrace
            headrace:io_uring:metrics | headrace:io_uring:metrics | --server headrace --transport io_uring --metrics
            netty:linger              | netty:linger              | --server netty --close linger
            netty:batch               | netty:batch               | --server netty --batch
            c=./server {PORT} {PORT+1} | c                        | ./server {PORT} {PORT+1}
            """)
    void serversAreRead(String text, String name, String words) {
        Entrant entrant = Entrant.parse(text, SERVERS);

        assertThat(entrant.name()).isEqualTo(name);
        assertThat(entrant).hasToString(words);
    }

    @Test
    void aCommandGetsItsPorts() {
        assertThat(Entrant.parse("c=serve {PORT},{PORT+1},{PORT+2}", SERVERS).commandOn(700))
                .isEqualTo("serve 700,701,702");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            apache       | server: apache (expected: one of [headrace, netty], or NAME='COMMAND {PORT}')
            netty:fast   | server: netty:fast (expected: after a colon one of [nio, epoll, kqueue, io_uring], [abrupt, linger] or [batch, bare, metrics])
            c=./server   | server: c=./server (expected: NAME='COMMAND {PORT}', greeting on {PORT}, TCP echo on {PORT+1}, UDP echo on {PORT+2})
            """)
    void otherWordsAreRefused(String text, String message) {
        assertThatThrownBy(() -> Entrant.parse(text, SERVERS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void gatesAndCoresAreRead() {
        assertThatThrownBy(() -> RatioGate.parse("echo<1"))
                .hasMessage("--slo: echo<1 (expected: WORKLOAD:SERVER<=RATIO, as echo:headrace<=1.02)");
        assertThatThrownBy(() -> Cores.of("0")).hasMessage("--cores: 0 (expected: SERVERS,LOAD as 0,1, or any)");
        assertThat(Cores.of("any").why()).isEqualTo("not bound to cores");
    }

    @Test
    void aFailureIsAsLongAsItIsAndDoesNotWidenTheTable() {
        Comparison comparison = comparison(List.of(sample(1, 1, 1, false)), List.of(Sample.failed("x".repeat(300))));

        assertThat(comparison.text().lines().filter(line -> line.startsWith("netty")))
                .singleElement()
                .satisfies(line -> assertThat(line).hasSizeLessThan(200));
    }

    @Test
    @Tag("slow")
    void browserDrawsRatiosGatesAndFailures() throws Exception {
        List<Sample> netty = List.of(sample(100, 1_000, 1_000, false), sample(100, 1_000, 1_000, false));
        List<Sample> headrace = List.of(sample(100, 900, 1_000, true), sample(100, 1_100, 1_000, false));
        List<Row> rows = List.of(
                new Row("netty", netty, netty),
                new Row("headrace", headrace, netty),
                new Row("c", List.of(Sample.failed("refused")), netty));
        Comparison comparison = new Comparison(
                Map.of("command", "headrace compare netty headrace"),
                Map.of(
                        "netty",
                        "ready: netty (Netty 4.2) on epoll, 1 loop --batch: echo=tcp://127.0.0.1:1",
                        "c",
                        "ready"),
                Map.of(Workload.ECHO, "echo: 64 connections"),
                Map.of(Workload.ECHO, rows),
                List.of(RatioGate.parse("echo:headrace<=0.9"), RatioGate.parse("echo:netty<=1")),
                false);
        Path page = Files.writeString(folder.resolve("page.html"), comparison.page());

        assertThat(Browser.dom(page, folder))
                .contains("<b>Broken</b>: echo:headrace&lt;=0.9, it is 1.000", "<b>Met</b>: echo:netty&lt;=1, it is")
                .contains("<b>Generator limited</b> in 1 rounds of echo")
                .contains(">Netty 4.2</td>", ">epoll, 1 loop --batch</td>", "it says: ready", "FAILED: refused")
                .contains("echo: CPU per operation, as a ratio", "1.000 [0.950-1.050]", "stroke-dasharray")
                .doesNotContain("This page draws its charts with its own script, and needs it.", "NaN");
    }
}

package io.headrace.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.headrace.bench.Bench;
import io.headrace.bench.load.Json;
import io.headrace.contract.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The real command: it starts servers and a load generator, each in a JVM of its own. */
@EnabledOnOs(OS.LINUX)
class CompareTest {
    private static final String SMALL = "-Xmx64m -XX:TieredStopAtLevel=1";

    @TempDir
    Path folder;

    private static ChildJvm compare(String... args) throws IOException {
        List<String> all = new ArrayList<>(List.of("compare"));
        all.addAll(List.of(args));
        return ChildJvm.start(Bench.class, all.toArray(String[]::new));
    }

    private static String[] words(String line) {
        return line.split(" ");
    }

    @Test
    void figuresAddUpOnBothSides() throws Exception {
        Path json = folder.resolve("comparison.json");
        Path markdown = folder.resolve("comparison.md");
        Path html = folder.resolve("comparison.html");
        Path counts = folder.resolve("counts");
        String other = "counted=" + ProcessHandle.current().info().command().orElseThrow() + " -Xmx64m -cp "
                + System.getProperty("java.class.path") + " " + CountingServer.class.getName() + " {PORT} " + counts;
        try (ChildJvm child = compare(
                other,
                "headrace:metrics",
                "-w",
                "greet,echo",
                "-r",
                "2",
                "-d",
                "700ms",
                "--warmup",
                "300ms",
                "-c",
                "2",
                "--jvm-flags",
                SMALL,
                "--slo",
                "echo:headrace:metrics<=1000",
                "--json",
                json.toString(),
                "--markdown",
                markdown.toString(),
                "--html",
                html.toString())) {
            assertThat(child.allLines())
                    .contains("greet: 2 connections; 2 rounds of 700 ms", "echo: 2 connections, 64 B, 1 in flight each")
                    .containsPattern("headrace:metrics +[\\d.]+ [um]s +\\d+\\.\\d{3} \\[")
                    .contains("gate echo:headrace:metrics<=1000: met");
            assertThat(child.status()).isZero();
        }

        Map<String, Object> read = map(Json.read(Files.readString(json).strip()));
        assertThat(read).containsEntry("format", "headrace-compare/1").containsEntry("interrupted", false);
        assertThat(map(read.get("servers")).get("headrace:metrics").toString())
                .startsWith("ready: headrace (Headrace on Netty ");
        long[] did = Arrays.stream(Files.readString(counts).split(" "))
                .mapToLong(Long::parseLong)
                .toArray();
        assertThat(answered(read, "greet", 0)).isPositive().isLessThanOrEqualTo(did[0]);
        assertThat(answered(read, "echo", 0) * 64).isPositive().isLessThanOrEqualTo(did[1]);
        assertThat(cpu(read, "greet", 0) + cpu(read, "echo", 0)).isPositive().isLessThanOrEqualTo(did[2]);
        for (String workload : List.of("greet", "echo")) {
            ratiosAreThoseOfTheRounds(read, workload);
        }
        assertThat(map(((List<?>) read.get("gates")).get(0)))
                .containsEntry("gate", "echo:headrace:metrics<=1000")
                .containsEntry("met", true);
        // The page is the same report, and needs nothing else.
        String page = Files.readString(html);
        assertThat(page)
                .contains("<title>headrace compare</title>", "default-src 'none'", "const servers = ")
                .contains(">" + Files.readString(json).strip() + "</script>");
        assertThat(page.replace("http://www.w3.org/2000/svg", "")).doesNotContain("http:", "https:", "src=\"", "/*");
        assertThat(Files.readString(markdown))
                .contains(
                        "**greet: 2 connections",
                        "| counted | ",
                        "| headrace:metrics | ",
                        "- command: `headrace compare 'counted=");
    }

    private static void ratiosAreThoseOfTheRounds(Map<String, Object> read, String workload) {
        List<Double> cpu = new ArrayList<>();
        List<Double> rate = new ArrayList<>();
        for (int round = 0; round < 2; round++) {
            Map<String, Object> first = round(read, workload, 0, round);
            Map<String, Object> second = round(read, workload, 1, round);
            for (Map<String, Object> each : List.of(first, second)) {
                assertThat(number(each, "answered") * 1e9 / number(each, "measured_ns"))
                        .isEqualTo(number(each, "per_s"), within(1e-6));
                if (each.get("cpu_ns_per_operation") == null) { // The machine had no time for a server.
                    assertThat(number(each, "answered")).isZero();
                    return;
                }
                assertThat(number(each, "cpu_ns") / number(each, "answered"))
                        .isEqualTo(number(each, "cpu_ns_per_operation"), within(1e-6));
            }
            cpu.add(number(second, "cpu_ns_per_operation") / number(first, "cpu_ns_per_operation"));
            rate.add(number(second, "per_s") / number(first, "per_s"));
        }
        Map<String, Object> row = row(read, workload, 1);
        assertThat(number(map(row.get("cpu_ratio")), "median")).isEqualTo((cpu.get(0) + cpu.get(1)) / 2, within(1e-9));
        assertThat(number(map(row.get("per_s_ratio")), "median"))
                .isEqualTo((rate.get(0) + rate.get(1)) / 2, within(1e-9));
        assertThat(number(map(row(read, workload, 0).get("cpu_ratio")), "median"))
                .isEqualTo(1, within(1e-9));
    }

    private static long answered(Map<String, Object> read, String workload, int server) {
        return (long) (number(round(read, workload, server, 0), "answered")
                + number(round(read, workload, server, 1), "answered"));
    }

    private static long cpu(Map<String, Object> read, String workload, int server) {
        return (long) (number(round(read, workload, server, 0), "cpu_ns")
                + number(round(read, workload, server, 1), "cpu_ns"));
    }

    private static Map<String, Object> row(Map<String, Object> read, String workload, int server) {
        return map(((List<?>) map(read.get("workloads")).get(workload)).get(server));
    }

    private static Map<String, Object> round(Map<String, Object> read, String workload, int server, int round) {
        return map(((List<?>) row(read, workload, server).get("rounds")).get(round));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object json) {
        return (Map<String, Object>) json;
    }

    private static double number(Map<String, Object> json, String key) {
        return ((Number) json.get(key)).doubleValue();
    }

    @Test
    void aBrokenGateIsStatusThree() throws Exception {
        // A server is exactly as good as itself.
        String line =
                "netty -w udp -r 1 -d 2s --warmup 0s --cores any --quiet --seed 7 --slo udp:netty<1 --jvm-flags -Xmx64m";
        try (ChildJvm child = compare(words(line))) {
            assertThat(child.allLines()).contains("gate udp:netty<1: BROKEN, it is 1.000");
            assertThat(child.status()).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            apache                              | 2 | server: apache (expected: one of [headrace, netty, reactor, vertx, mina, jdk]
            netty --slo echo:headrace<1         | 2 | --slo: echo:headrace<1 (expected: a workload and a server that take part)
            netty -w sing                       | 2 | Invalid value for option '--workload'
            netty --rounds 0                    | 2 | --rounds: 0 (expected: 1 to 1000)
            mina:io_uring --jvm-flags -Xmx64m   | 1 | cannot start mina:io_uring: headrace serve: cannot start:
            no-such.json --markdown no.md       | 1 | cannot read no-such.json: no such file
            netty --html /no/such/folder/c.html | 1 | cannot write /no/such/folder/c.html: java.nio.file.NoSuchFileException
            no-such.json                        | 1 | cannot read no-such.json: no such file
            """)
    void whatCannotRunIsOneLine(String line, int status, String message) throws Exception {
        try (ChildJvm child = compare(words(line + " --quiet"))) {
            assertThat(child.allLines())
                    .startsWith("headrace compare: ")
                    .contains(message)
                    .hasLineCount(1);
            assertThat(child.status()).isEqualTo(status);
        }
    }

    @Test
    void aServerThatDiesIsOneLineAndStatusOne() throws Exception {
        try (ChildJvm child = compare("dead=sh -c 'echo I could not; exit 1' {PORT}", "--quiet")) {
            assertThat(child.allLines())
                    .contains("headrace compare: cannot start dead: I could not (expected: a line with 'ready'");
            assertThat(child.status()).isEqualTo(1);
        }
    }

    @Test
    void interruptedItReportsWhatItHasAndLeavesNobodyBehind() throws Exception {
        try (ChildJvm child =
                compare(words("netty -w udp -r 1000 -d 100ms --warmup 0s --cores any --jvm-flags -Xmx64m"))) {
            child.lineWith("udp: round 2 of 1000");
            List<ProcessHandle> started =
                    ProcessHandle.of(child.pid()).orElseThrow().descendants().toList();
            assertThat(started).hasSize(2);
            child.signal("INT");

            assertThat(child.allLines()).contains("INTERRUPTED: this is what was measured until then.", "netty ");
            assertThat(child.status()).isEqualTo(130);
            assertThat(started).noneMatch(ProcessHandle::isAlive);
        }
    }
}

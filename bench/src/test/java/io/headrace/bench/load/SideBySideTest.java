package io.headrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.bench.compare.Compare;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SideBySideTest {
    @TempDir
    Path folder;

    private Path report(String name, String words, Object target) {
        Path json = folder.resolve(name);
        Loading.of(words + " --warmup 0s --quiet --json " + json, target);
        return json;
    }

    @Test
    void runsAreSetSideBySideWithRatiosToTheFirst() throws Exception {
        try (Served server = Served.tcp(Served::echo)) {
            Path monday = report("monday.json", "echo -c 1 -d 200ms", server);
            Path tuesday = report("tuesday.json", "echo -c 2 -d 200ms", server);

            String table = SideBySide.read(List.of(monday, tuesday)).text();

            Report first = ReportJson.read(Files.readString(monday).strip());
            Report second = ReportJson.read(Files.readString(tuesday).strip());
            assertThat(table.lines().toList().get(0)).matches("echo +monday.json +tuesday.json");
            assertThat(table)
                    .containsPattern("connections +1 +2\n")
                    .contains(String.format(
                            Locale.ROOT,
                            "(x%.3f)",
                            second.perSecond(Count.ANSWERED) / first.perSecond(Count.ANSWERED)));
        }
    }

    @Test
    void compareWritesThePageThatPlotDraws() throws Exception {
        try (Served server = Served.tcp(Served::echo)) {
            Path monday = report("monday.json", "echo -c 1 -d 100ms", server);
            Path tuesday = report("tuesday.json", "echo -c 2 -d 100ms", server);
            Path html = folder.resolve("week.html");
            StringWriter out = new StringWriter();
            CommandLine compare = new CommandLine(new Compare()).setOut(new PrintWriter(out));

            assertThat(compare.execute(monday.toString(), tuesday.toString(), "--html", html.toString()))
                    .isZero();
            assertThat(Files.readString(html)).isEqualTo(ReportPage.of(ReportFiles.read(List.of(monday, tuesday))));
            assertThat(out.toString()).contains("monday.json", "tuesday.json");
            assertThat(compare.setErr(new PrintWriter(new StringWriter()))
                            .execute(monday.toString(), "--markdown", "no.md"))
                    .isEqualTo(2);
        }
    }

    @Test
    void requestsWithoutAnAnswerAreInThePercentiles() throws Exception {
        Plan plan = Plans.rate(OpenFlow::new, "100", "", "tcp://127.0.0.1:1");
        Slice slice = new Slice();
        slice.record(Timing.RESPONSE, 1_000_000, 90);
        slice.record(Timing.UNANSWERED, 2_000_000_000, 10);
        Path json = folder.resolve("unanswered.json");
        Files.writeString(
                json,
                ReportJson.write(new Report(
                        Site.about(plan), Instant.EPOCH, 1_000_000_000, slice, List.of(), Report.Pace.NONE, false)));

        assertThat(SideBySide.read(List.of(json)).text())
                .containsPattern("p50 +1.00 ms\n")
                .containsPattern("p99 +2.00 s\n")
                .containsPattern("max +2.00 s\n");
    }

    @Test
    void differentModesAreRefused() throws Exception {
        try (Served server = Served.tcp(Served::echo)) {
            Path echo = report("echo.json", "echo -d 100ms", server);
            Path rate = report("rate.json", "rate -R 100 -d 100ms", server);

            assertThatThrownBy(() -> SideBySide.read(List.of(echo, rate)))
                    .hasMessage("not comparable: a run of echo and one of rate");
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void processorTimeOfTheWarmUpIsNotTheServers() {
        try (Served server = Served.tcp(Served::echo)) {
            long pid = ProcessHandle.current().pid();
            Report report = Loading.of("echo -d 300ms --warmup 2s --quiet --json - --pid " + pid, server)
                    .report();

            // The process is the load's own, too, which counts itself: with the warm-up it would be eight times as
            // much.
            double ns = ((Number) ((Map<?, ?>) report.about().get("server_cpu")).get("ns")).doubleValue();
            assertThat(ns).isPositive().isLessThan(3.0 * report.pace().cpuNs());
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void processorTimeOfTheServerIsInTheReport() {
        try (Served server = Served.tcp(Served::echo)) {
            // This process is server and load in one: no less than the load's own loop has used.
            long pid = ProcessHandle.current().pid();
            Report report = Loading.report("echo -d 300ms --pid " + pid, server);

            Map<?, ?> used = (Map<?, ?>) report.about().get("server_cpu");
            long answered = report.total().count(Count.ANSWERED);
            double ns = ((Number) used.get("ns")).doubleValue();
            assertThat(((Number) used.get("pid")).longValue()).isEqualTo(pid);
            assertThat(ns).isPositive();
            assertThat(((Number) used.get("ns_per_answer")).doubleValue()).isEqualTo(ns / answered);
            assertThat(((Number) used.get("cores")).doubleValue())
                    .isGreaterThan(report.pace().busy());
            assertThat(Loading.of("echo --pid " + Integer.MAX_VALUE, server).err())
                    .contains(
                            "--pid: 2147483647 (expected: a process whose threads have a schedstat in /proc/2147483647/task)");
        }
    }
}

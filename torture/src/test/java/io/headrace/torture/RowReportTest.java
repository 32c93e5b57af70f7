package io.headrace.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

class RowReportTest {
    /** Two tests, of which so many were skipped and so many failed. */
    private static final String SUITE =
            "<testsuite version=\"3\" name=\"x\" time=\"1.0\" tests=\"2\" errors=\"0\" skipped=\"%d\" failures=\"%d\">";

    @TempDir
    Path folder;

    /** Not found by the build: it is no top-level class. */
    static class Example {
        @Row("A1")
        @Test
        void passes() {}

        @Row("A3")
        @Test
        void fails() {
            fail("it does not hold");
        }

        @Row("A4")
        @Disabled("broken: known since yesterday")
        @Test
        void isKnownToFail() {}

        @Row("A6")
        @Test
        void cannotRunHere() {
            Assumptions.abort("needs two machines");
        }

        @Row({"A7", "A8"})
        @Test
        void isTwoRows() {}

        @Row("A7")
        @Test
        void isAnotherTestOfOneOfThem() {
            fail("only this one");
        }
    }

    static class LeakingExample {
        @Row("A1")
        @Test
        void passes() {}

        @AfterAll
        static void theClassFails() {
            fail("left a buffer open");
        }
    }

    private Map<String, RowReport.Line> run(Path classes) {
        return run(classes, Example.class);
    }

    private Map<String, RowReport.Line> run(Path classes, Class<?> tests) {
        RowReport report = new RowReport(folder, folder.resolve("report.md"), classes);
        LauncherConfig alone = LauncherConfig.builder()
                .enableTestExecutionListenerAutoRegistration(false)
                .build();
        Launcher launcher = LauncherFactory.create(alone);
        launcher.execute(
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectClass(tests))
                        .build(),
                report);
        return report.lines().stream().collect(Collectors.toMap(RowReport.Line::id, line -> line));
    }

    private static RowReport.Line line(String id, RowReport.Verdict verdict, String why) {
        return new RowReport.Line(id, verdict, why);
    }

    @Test
    void eachRowIsHeldBrokenOrNotRun() {
        Map<String, RowReport.Line> lines = run(folder);
        assertThat(lines.get("A1")).isEqualTo(line("A1", RowReport.Verdict.HELD, "1 test"));
        assertThat(lines.get("A3")).isEqualTo(line("A3", RowReport.Verdict.BROKEN, "fails(): it does not hold"));
        assertThat(lines.get("A4")).isEqualTo(line("A4", RowReport.Verdict.BROKEN, "known since yesterday"));
        assertThat(lines.get("A6").verdict()).isEqualTo(RowReport.Verdict.NOT_RUN);
        assertThat(lines.get("A6").why()).contains("needs two machines");
        assertThat(lines.get("A7").verdict()).isEqualTo(RowReport.Verdict.BROKEN);
        assertThat(lines.get("A8").verdict()).isEqualTo(RowReport.Verdict.HELD);
        assertThat(lines.get("A9")).isEqualTo(line("A9", RowReport.Verdict.NOT_RUN, "no test"));
    }

    @Test
    void aClassThatFailsBreaksItsRows() {
        RowReport.Line line = run(folder, LeakingExample.class).get("A1");
        assertThat(line.verdict()).isEqualTo(RowReport.Verdict.BROKEN);
        assertThat(line.why()).contains("left a buffer open");
    }

    @Test
    void aRowOfAnotherLaneSaysWhere() {
        assertThat(run(Path.of("target", "test-classes")).get("A3").why()).contains("it does not hold");
        assertThat(run(Path.of("target", "test-classes")).get("B12").why()).contains("is in the slow lane");
    }

    @Test
    void aRowThatIsTestedElsewhereIsWhatThatTestWas() throws Exception {
        String[] where = Rows.ELSEWHERE.get("E2").split(" ");
        assertThat(run(folder).get("E2"))
                .isEqualTo(line("E2", RowReport.Verdict.NOT_RUN, where[1] + " of " + where[0] + " has not run"));
        Path reports = Files.createDirectories(folder.resolve(where[0]).resolve("target/surefire-reports"));
        Path result = reports.resolve("TEST-" + where[1] + ".xml");
        Files.writeString(result, String.format(SUITE, 0, 0));
        assertThat(run(folder).get("E2").verdict()).isEqualTo(RowReport.Verdict.HELD);
        Files.writeString(result, String.format(SUITE, 0, 1));
        assertThat(run(folder).get("E2").verdict()).isEqualTo(RowReport.Verdict.BROKEN);
        Files.writeString(result, String.format(SUITE, 2, 0));
        assertThat(run(folder).get("E2").verdict()).isEqualTo(RowReport.Verdict.NOT_RUN);
        assertThat(run(folder).get("E2").why()).contains("was skipped");
    }

    @Test
    void aRunBeforeTheCodeWasBuiltSaysNothing() throws Exception {
        String[] where = Rows.ELSEWHERE.get("E2").split(" ");
        Path target = folder.resolve(where[0]).resolve("target");
        Path result =
                Files.createDirectories(target.resolve("surefire-reports")).resolve("TEST-" + where[1] + ".xml");
        Files.writeString(result, String.format(SUITE, 0, 0));
        Path built = Files.createFile(
                Files.createDirectories(target.resolve("classes")).resolve("New.class"));
        Files.setLastModifiedTime(
                built,
                FileTime.from(Files.getLastModifiedTime(result).toInstant().plusSeconds(1)));
        String why = where[1] + " of " + where[0] + " has not run since it was built";
        assertThat(run(folder).get("E2")).isEqualTo(line("E2", RowReport.Verdict.NOT_RUN, why));
    }

    @Test
    void thePageHasALineForEveryRow() throws Exception {
        run(folder);
        assertThat(Files.readString(folder.resolve("report.md")))
                .contains("held, ", "| A1 | descriptors run out under connects | held | 1 test |");
        assertThat(Files.readAllLines(folder.resolve("report.md")))
                .filteredOn(line -> line.matches("\\| [A-M]\\d+ .*"))
                .hasSize(Rows.NAMES.size());
    }

    @Test
    void everyIdOfATestIsInTheList() throws Exception {
        TreeSet<String> unknown = new TreeSet<>();
        for (Class<?> test : testsOfThisModule()) {
            for (var method : test.getDeclaredMethods()) {
                unknown.addAll(Rows.of(method));
            }
        }
        assertThat(unknown).isNotEmpty();
        unknown.removeAll(Rows.NAMES.keySet());
        assertThat(unknown).isEmpty();
    }

    private static List<Class<?>> testsOfThisModule() throws Exception {
        try (var files = Files.list(Path.of("target", "test-classes", "io", "headrace", "torture"))) {
            List<Class<?>> tests = new java.util.ArrayList<>();
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith("Test.class")) {
                    tests.add(Class.forName("io.headrace.torture." + name.replace(".class", "")));
                }
            }
            return tests;
        }
    }
}

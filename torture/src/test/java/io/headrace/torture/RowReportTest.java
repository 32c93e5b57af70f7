package io.headrace.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.headrace.Loops.Backend;
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
import org.junit.jupiter.api.TestReporter;
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

    /** A row of which one test runs, and one does not. */
    static class PartialExample {
        @Row({"A1", "G1"})
        @Test
        void passes() {}

        @Row("A1")
        @Test
        void cannotRunHere() {
            Assumptions.abort("needs two machines");
        }

        @Row("A4")
        @Test
        void measures(TestReporter reporter) {
            reporter.publishEntry("bytes each", "17");
        }

        @Row("A3")
        @OnEveryBackend
        void passesOnEveryBackend(Backend backend) {
            assertThat(backend.available()).isTrue();
        }

        @Test
        void isNoRowAndFails() {
            fail("and nobody would see it");
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
    void aRowOfWhichATestWasSkippedIsHeldInPart() {
        assertThat(run(folder, PartialExample.class).get("A1"))
                .isEqualTo(line("A1", RowReport.Verdict.HELD_IN_PART, "1 test; needs two machines"));
    }

    @Test
    void aRowOfWhichATestWasNotChosenIsHeldInPart() {
        RowReport.Line line = run(Path.of("target", "test-classes")).get("A1");
        assertThat(line.verdict()).isEqualTo(RowReport.Verdict.HELD_IN_PART);
        assertThat(line.why()).contains("was not chosen");
    }

    @Test
    void aRowOfEveryBackendSaysWhichThereWere() {
        String names = Case.backends().map(Backend::toString).sorted().collect(Collectors.joining(", "));
        assertThat(run(folder, PartialExample.class).get("A3").why()).matches("\\d tests?, on " + names);
    }

    @Test
    void whatATestMeasuresIsTold() {
        assertThat(run(folder, PartialExample.class).get("A4"))
                .isEqualTo(line("A4", RowReport.Verdict.HELD, "1 test; bytes each: 17"));
    }

    @Test
    void whatFailsAndIsNoRowIsBrokenToo() {
        assertThat(run(folder, PartialExample.class).get("-"))
                .isEqualTo(line("-", RowReport.Verdict.BROKEN, "isNoRowAndFails(): and nobody would see it"));
        assertThat(run(folder)).doesNotContainKey("-");
    }

    @Test
    void whatARowLeavesOutIsSaid() {
        assertThat(run(folder).get("K2")).isEqualTo(line("K2", RowReport.Verdict.NOT_RUN, Rows.NOTES.get("K2")));
    }

    @Test
    void testsHereAndElsewhereAreOneRow() throws Exception {
        assertThat(run(folder, PartialExample.class).get("G1").verdict()).isEqualTo(RowReport.Verdict.HELD_IN_PART);
        left("G1", 0, 0);
        assertThat(run(folder, PartialExample.class).get("G1").verdict()).isEqualTo(RowReport.Verdict.HELD);
        left("G1", 1, 0);
        assertThat(run(folder, PartialExample.class).get("G1").verdict()).isEqualTo(RowReport.Verdict.HELD_IN_PART);
        left("G1", 0, 1);
        assertThat(run(folder, PartialExample.class).get("G1").verdict()).isEqualTo(RowReport.Verdict.BROKEN);
    }

    @Test
    void whatThisLaneLeavesOutHereIsElsewheresToSay() throws Exception {
        left("G1", 0, 0); // Its tests here are in the slow lane.
        assertThat(run(Path.of("target", "test-classes")).get("G1").verdict()).isEqualTo(RowReport.Verdict.HELD);
    }

    @Test
    void theRacesAreWhatTheirLastRunWas() throws Exception {
        String races = Rows.ELSEWHERE.get("J1");
        assertThat(run(folder).get("J1")).isEqualTo(line("J1", RowReport.Verdict.NOT_RUN, "by " + races));
        Path status = Files.createDirectories(folder.resolve("torture/target/jcstress"))
                .resolve("status");
        Files.writeString(status, "0 -m quick\n");
        assertThat(run(folder).get("J1")).isEqualTo(line("J1", RowReport.Verdict.HELD, races + " -m quick"));
        Files.writeString(status, "1 -m quick\n");
        assertThat(run(folder).get("J1"))
                .isEqualTo(line("J1", RowReport.Verdict.BROKEN, races + " -m quick ended with status 1"));
        builtAfter(status, folder.resolve("core/target"));
        assertThat(run(folder).get("J1").verdict()).isEqualTo(RowReport.Verdict.NOT_RUN);
    }

    @Test
    void theLauncherRunsWhatIsElsewhere() throws Exception {
        String launcher = Files.readString(Path.of("..", "headrace"));
        assertThat(Rows.ELSEWHERE.values())
                .allSatisfy(where -> assertThat(launcher)
                        .contains(where.substring(where.lastIndexOf(where.startsWith("./") ? ' ' : '.') + 1)));
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
        left("E2", 0, 0);
        assertThat(run(folder).get("E2").verdict()).isEqualTo(RowReport.Verdict.HELD);
        left("E2", 0, 1);
        assertThat(run(folder).get("E2").verdict()).isEqualTo(RowReport.Verdict.BROKEN);
        left("E2", 1, 0);
        assertThat(run(folder).get("E2").verdict()).isEqualTo(RowReport.Verdict.HELD_IN_PART);
        left("E2", 2, 0);
        assertThat(run(folder).get("E2").verdict()).isEqualTo(RowReport.Verdict.NOT_RUN);
        assertThat(run(folder).get("E2").why()).contains("was skipped");
    }

    /** As if the tests elsewhere of this row had run, so many skipped, so many failed. */
    private Path left(String row, int skipped, int failed) throws Exception {
        String[] where = Rows.ELSEWHERE.get(row).split(" ");
        Path reports = Files.createDirectories(folder.resolve(where[0]).resolve("target/surefire-reports"));
        return Files.writeString(reports.resolve("TEST-" + where[1] + ".xml"), String.format(SUITE, skipped, failed));
    }

    private static void builtAfter(Path result, Path target) throws Exception {
        Path built = Files.createFile(
                Files.createDirectories(target.resolve("classes")).resolve("New.class"));
        Files.setLastModifiedTime(
                built,
                FileTime.from(Files.getLastModifiedTime(result).toInstant().plusSeconds(1)));
    }

    @Test
    void aRunBeforeTheCodeWasBuiltSaysNothing() throws Exception {
        String[] where = Rows.ELSEWHERE.get("E2").split(" ");
        builtAfter(left("E2", 0, 0), folder.resolve(where[0]).resolve("target"));
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

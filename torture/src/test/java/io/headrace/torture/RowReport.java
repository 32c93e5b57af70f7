package io.headrace.torture;

import io.headrace.Loops.Backend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Writes which rows held, which broke and which were not run, with a reason, to {@code torture-report.md}. Found by JUnit itself.
 *
 * <p>A row is held when every test of it that this lane has ran and passed, here and in other modules; held in part when some of them did not run:
 * skipped, not chosen, or not run in another module; broken when one failed, or is disabled because it does; else not run. What fails and is
 * no row's counts too, or nobody would see it.
 */
public final class RowReport implements TestExecutionListener {
    private static final String BROKEN = "broken: ";
    private static final String NO_ROW = "-";

    /** The backend in the name of a test that runs on every one. */
    private static final Pattern BACKEND = Pattern.compile(
            "\\b(" + Stream.of(Backend.values()).map(Backend::toString).collect(Collectors.joining("|")) + ")\\b");

    private final Elsewhere elsewhere;
    private final Path target;
    private final Map<String, Tally> tallies = new LinkedHashMap<>();
    /** Whether it is in the slow lane. */
    private final Map<String, Map<Method, Boolean>> untried = new LinkedHashMap<>();

    private static final class Tally {
        private int passed;
        private final List<String> failures = new ArrayList<>();
        private final Set<String> skips = new LinkedHashSet<>();
        private final Set<String> backends = new TreeSet<>();
        private final List<String> told = new ArrayList<>();

        void passed(TestIdentifier test) {
            passed++;
            Matcher backend = BACKEND.matcher(test.getDisplayName());
            if (backend.find()
                    && methodOf(test).filter(RowReport::onEveryBackend).isPresent()) {
                backends.add(backend.group());
            }
        }

        String passed() {
            String on = String.join(", ", backends);
            return passed + (passed == 1 ? " test" : " tests") + (on.isEmpty() ? "" : ", on " + on);
        }
    }

    /** What became of a row. */
    enum Verdict {
        HELD("held"),
        HELD_IN_PART("held in part"),
        BROKEN("broken"),
        NOT_RUN("not run");

        private final String words;

        Verdict(String words) {
            this.words = words;
        }
    }

    record Line(String id, Verdict verdict, String why) {}

    /** For JUnit: beside the module's other results. */
    public RowReport() {
        this(Path.of(".."), Path.of("target", "torture-report.md"), Path.of("target", "test-classes"));
    }

    RowReport(Path modules, Path target, Path classes) {
        this.elsewhere = new Elsewhere(modules);
        this.target = target;
        try {
            readTests(classes);
        } catch (IOException cannotRead) {
            throw new UncheckedIOException(cannotRead);
        }
    }

    /** What there is for a row that this lane leaves out. */
    private void readTests(Path classes) throws IOException {
        Path folder = classes.resolve(Path.of("io", "headrace", "torture"));
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith("Test.class"))
                    .forEach(name -> readTests(name.substring(0, name.length() - ".class".length())));
        }
    }

    private void readTests(String className) {
        try {
            Class<?> test = Class.forName(
                    "io.headrace.torture." + className, false, getClass().getClassLoader());
            for (Method method : test.getDeclaredMethods()) {
                Rows.of(method)
                        .forEach(row -> untried.computeIfAbsent(row, key -> new LinkedHashMap<>())
                                .put(method, slow(test, method)));
            }
        } catch (ClassNotFoundException gone) {
            throw new IllegalStateException(gone);
        }
    }

    private static boolean slow(Class<?> test, Method method) {
        return Stream.of(test.getAnnotationsByType(Tag.class), method.getAnnotationsByType(Tag.class))
                .flatMap(Stream::of)
                .anyMatch(tag -> tag.value().equals("slow"));
    }

    @Override
    public void executionStarted(TestIdentifier test) {
        tried(test);
    }

    private void tried(TestIdentifier test) {
        methodOf(test).ifPresent(method -> untried.values().forEach(tests -> tests.remove(method)));
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        tried(test);
        rowsOf(test).forEach(row -> {
            if (reason.startsWith(BROKEN)) {
                tally(row).failures.add(reason.substring(BROKEN.length()));
            } else {
                tally(row).skips.add(reason);
            }
        });
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (!test.isTest() && result.getStatus() == TestExecutionResult.Status.SUCCESSFUL) {
            return; // A container: its tests were told one by one.
        }
        List<String> rows = rowsOf(test);
        if (rows.isEmpty() && result.getStatus() == TestExecutionResult.Status.FAILED) {
            rows = List.of(NO_ROW);
        }
        for (String row : rows) {
            switch (result.getStatus()) {
                case SUCCESSFUL -> tally(row).passed(test);
                case FAILED -> tally(row).failures.add(test.getDisplayName() + ": " + words(result));
                case ABORTED -> tally(row).skips.add(words(result));
            }
        }
    }

    /** What a test has measured and does not judge. What has no name of its own is the fuzzer's. */
    @Override
    public void reportingEntryPublished(TestIdentifier test, ReportEntry entry) {
        entry.getKeyValuePairs().forEach((what, value) -> {
            if (!what.equals("value")) {
                rowsOf(test).forEach(row -> tally(row).told.add(what + ": " + value));
            }
        });
    }

    private Tally tally(String row) {
        return tallies.computeIfAbsent(row, key -> new Tally());
    }

    private static String words(TestExecutionResult result) {
        return result.getThrowable()
                .map(cause -> String.valueOf(cause.getMessage())
                        .strip()
                        .lines()
                        .findFirst()
                        .orElse("no message"))
                .orElse("no message");
    }

    /** A class stands for all its rows: a leaked buffer fails the class, and nobody knows whose it was. */
    private static List<String> rowsOf(TestIdentifier test) {
        if (test.getSource().orElse(null) instanceof ClassSource source) {
            return Stream.of(source.getJavaClass().getDeclaredMethods())
                    .flatMap(method -> Rows.of(method).stream())
                    .distinct()
                    .toList();
        }
        return methodOf(test).map(Rows::of).orElse(List.of());
    }

    private static boolean onEveryBackend(Method method) {
        return method.isAnnotationPresent(OnEveryBackend.class);
    }

    private static Optional<Method> methodOf(TestIdentifier test) {
        return test.getSource()
                .filter(MethodSource.class::isInstance)
                .map(source -> ((MethodSource) source).getJavaMethod());
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        if (tallies.isEmpty()) {
            return; // Another module's or an IDE's run without a row: nothing to tell.
        }
        try {
            Files.createDirectories(target.toAbsolutePath().getParent());
            Files.writeString(target, page());
        } catch (IOException cannotWrite) {
            throw new UncheckedIOException(cannotWrite);
        }
    }

    /** One line for each row of the list, in its order; and one for what failed and is no row's. */
    List<Line> lines() {
        List<Line> lines =
                new ArrayList<>(Rows.NAMES.keySet().stream().map(this::line).toList());
        Tally others = tallies.get(NO_ROW);
        if (others != null && !others.failures.isEmpty()) {
            lines.add(new Line(NO_ROW, Verdict.BROKEN, String.join("; ", others.failures)));
        }
        return lines;
    }

    private Line line(String row) {
        Line here = here(row);
        Line there = elsewhere.line(row);
        Line line = there == null ? here : here == null ? there : together(here, there);
        String note = Rows.NOTES.get(row);
        if (line == null) {
            return new Line(row, Verdict.NOT_RUN, note == null ? "no test" : note);
        }
        return note == null ? line : new Line(row, line.verdict, line.why + "; " + note);
    }

    private Line together(Line here, Line there) {
        String why = here.why + "; " + there.why;
        if (here.verdict == there.verdict) {
            return new Line(here.id, here.verdict, why);
        }
        if (here.verdict == Verdict.BROKEN || there.verdict == Verdict.BROKEN) {
            return new Line(here.id, Verdict.BROKEN, why);
        }
        // A lane that leaves out what is here has the rest of the row there.
        boolean onlyThere =
                here.verdict == Verdict.NOT_RUN && leftOut(here.id, false).isEmpty() && !tallies.containsKey(here.id);
        return new Line(here.id, onlyThere ? there.verdict : Verdict.HELD_IN_PART, why);
    }

    /** Null for a row that has no test in this module. */
    private Line here(String row) {
        Tally tally = tallies.getOrDefault(row, new Tally());
        if (!tally.failures.isEmpty()) {
            return new Line(row, Verdict.BROKEN, String.join("; ", tally.failures));
        }
        List<String> missing = new ArrayList<>(tally.skips);
        missing.addAll(leftOut(row, false));
        List<String> why = new ArrayList<>(missing);
        why.addAll(leftOut(row, true));
        why.addAll(tally.told);
        if (tally.passed > 0) {
            why.add(0, tally.passed());
            return new Line(row, missing.isEmpty() ? Verdict.HELD : Verdict.HELD_IN_PART, String.join("; ", why));
        }
        return why.isEmpty() ? null : new Line(row, Verdict.NOT_RUN, String.join("; ", why));
    }

    /** The tests of this row that nobody has tried: those of the slow lane, or the others. */
    private List<String> leftOut(String row, boolean slow) {
        return untried.getOrDefault(row, Map.of()).entrySet().stream()
                .filter(test -> test.getValue() == slow)
                .map(Map.Entry::getKey)
                .map(test -> test.getDeclaringClass().getSimpleName() + "." + test.getName()
                        + (slow ? " is in the slow lane" : " was not chosen"))
                .toList();
    }

    private String page() {
        Map<Verdict, Integer> counts = new TreeMap<>();
        StringBuilder rows = new StringBuilder("| row | | | why |\n|---|---|---|---|\n");
        for (Line line : lines()) {
            counts.merge(line.verdict, 1, Integer::sum);
            rows.append(String.format(
                    "| %s | %s | %s | %s |%n",
                    line.id,
                    Rows.NAMES.getOrDefault(line.id, "tests of no row"),
                    line.verdict.words,
                    line.why.replace("|", "\\|")));
        }
        return String.format(
                "# Torture report%n%n%d held, %d held in part, %d broken, %d not run%n%n%s",
                counts.getOrDefault(Verdict.HELD, 0),
                counts.getOrDefault(Verdict.HELD_IN_PART, 0),
                counts.getOrDefault(Verdict.BROKEN, 0),
                counts.getOrDefault(Verdict.NOT_RUN, 0),
                rows);
    }
}

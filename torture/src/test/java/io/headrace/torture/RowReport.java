package io.headrace.torture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Writes which rows held, which broke and which were not run, with a reason, to {@code torture-report.md}. Found by JUnit itself.
 *
 * <p>A row is held when every test of it that this lane has ran and passed; broken when one failed, or is disabled because it does; else not run.
 */
public final class RowReport implements TestExecutionListener {
    private static final String BROKEN = "broken: ";

    private static final Pattern COUNTS = Pattern.compile(
            "<testsuite [^>]*tests=\"(\\d+)\"[^>]* errors=\"(\\d+)\"[^>]* skipped=\"(\\d+)\"[^>]* failures=\"(\\d+)\"");

    private final Path modules;
    private final Path target;
    private final Map<String, Tally> tallies = new LinkedHashMap<>();
    private final Map<String, Map<Method, String>> untried = new LinkedHashMap<>();

    private static final class Tally {
        private int passed;
        private final List<String> failures = new ArrayList<>();
        private final List<String> skips = new ArrayList<>();
    }

    /** What became of a row. */
    enum Verdict {
        HELD("held"),
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
        this.modules = modules;
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
                                .put(method, laneOf(test, method)));
            }
        } catch (ClassNotFoundException gone) {
            throw new IllegalStateException(gone);
        }
    }

    private static String laneOf(Class<?> test, Method method) {
        boolean slow = Stream.of(test.getAnnotationsByType(Tag.class), method.getAnnotationsByType(Tag.class))
                .flatMap(Stream::of)
                .anyMatch(tag -> tag.value().equals("slow"));
        return test.getSimpleName() + "." + method.getName() + (slow ? " is in the slow lane" : " was not chosen");
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
        rowsOf(test).forEach(row -> {
            switch (result.getStatus()) {
                case SUCCESSFUL -> tally(row).passed++;
                case FAILED -> tally(row).failures.add(test.getDisplayName() + ": " + words(result));
                case ABORTED -> tally(row).skips.add(words(result));
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

    /** One line for each row of the list, in its order. */
    List<Line> lines() {
        return Rows.NAMES.keySet().stream().map(this::line).toList();
    }

    private Line line(String row) {
        Tally tally = tallies.get(row);
        if (tally != null && !tally.failures.isEmpty()) {
            return new Line(row, Verdict.BROKEN, String.join("; ", tally.failures));
        }
        if (tally == null && Rows.ELSEWHERE.containsKey(row)) {
            String[] where = Rows.ELSEWHERE.get(row).split(" ");
            if (where[0].startsWith("./")) {
                return new Line(row, Verdict.NOT_RUN, "by " + String.join(" ", where));
            }
            return elsewhere(row, where[0], where[1]);
        }
        String rest = String.join("; ", rest(row, tally));
        if (tally != null && tally.passed > 0) {
            String tests = tally.passed + (tally.passed == 1 ? " test" : " tests");
            return new Line(row, Verdict.HELD, tests + (rest.isEmpty() ? "" : "; " + rest));
        }
        return new Line(row, Verdict.NOT_RUN, rest.isEmpty() ? "no test" : rest);
    }

    /** By what the other module's last run left behind: which says nothing where that module has been built since, or nothing of it could run. */
    private Line elsewhere(String row, String module, String test) {
        Path result = modules.resolve(Path.of(module, "target", "surefire-reports", "TEST-" + test + ".xml"));
        try {
            String head = Files.exists(result) ? Files.readString(result) : "";
            Matcher counts = COUNTS.matcher(head);
            if (!counts.find()) {
                return new Line(row, Verdict.NOT_RUN, test + " of " + module + " has not run");
            }
            if (builtSince(result, modules.resolve(Path.of(module, "target")))) {
                return new Line(row, Verdict.NOT_RUN, test + " of " + module + " has not run since it was built");
            }
            if (counts.group(1).equals(counts.group(3))) {
                return new Line(row, Verdict.NOT_RUN, "all of " + test + " of " + module + " was skipped");
            }
            boolean passed = counts.group(2).equals("0") && counts.group(4).equals("0");
            String tests = counts.group(1) + " tests, " + counts.group(3) + " skipped: " + test + " of " + module;
            return new Line(row, passed ? Verdict.HELD : Verdict.BROKEN, tests);
        } catch (IOException cannotRead) {
            throw new UncheckedIOException(cannotRead);
        }
    }

    private static boolean builtSince(Path result, Path target) throws IOException {
        FileTime ran = Files.getLastModifiedTime(result);
        for (String classes : List.of("classes", "test-classes")) {
            Path folder = target.resolve(classes);
            if (!Files.isDirectory(folder)) {
                continue;
            }
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.toList()) {
                    if (file.toString().endsWith(".class")
                            && Files.getLastModifiedTime(file).compareTo(ran) > 0) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** What there is for this row and did not run. */
    private List<String> rest(String row, Tally tally) {
        List<String> rest = new ArrayList<>(tally == null ? List.of() : tally.skips);
        rest.addAll(untried.getOrDefault(row, Map.of()).values());
        return rest;
    }

    private String page() {
        Map<Verdict, Integer> counts = new TreeMap<>();
        StringBuilder rows = new StringBuilder("| row | | | why |\n|---|---|---|---|\n");
        for (Line line : lines()) {
            counts.merge(line.verdict, 1, Integer::sum);
            rows.append(String.format(
                    "| %s | %s | %s | %s |%n",
                    line.id, Rows.NAMES.get(line.id), line.verdict.words, line.why.replace("|", "\\|")));
        }
        return String.format(
                "# Torture report%n%n%d held, %d broken, %d not run%n%n%s",
                counts.getOrDefault(Verdict.HELD, 0),
                counts.getOrDefault(Verdict.BROKEN, 0),
                counts.getOrDefault(Verdict.NOT_RUN, 0),
                rows);
    }
}

package io.headrace.torture;

import io.headrace.torture.RowReport.Line;
import io.headrace.torture.RowReport.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What was left behind by the last run of tests that stand next to the code, and of the races. Says nothing where that code has been built since. */
final class Elsewhere {
    private static final Pattern COUNTS = Pattern.compile(
            "<testsuite [^>]*tests=\"(\\d+)\"[^>]* errors=\"(\\d+)\"[^>]* skipped=\"(\\d+)\"[^>]* failures=\"(\\d+)\"");

    /** By {@code ./headrace torture races}: its status, a space, its arguments. */
    private static final Path RACES = Path.of("torture", "target", "jcstress", "status");

    private final Path modules;

    Elsewhere(Path modules) {
        this.modules = modules;
    }

    /** Null for a row that has no test elsewhere. */
    Line line(String row) {
        String where = Rows.ELSEWHERE.get(row);
        if (where == null) {
            return null;
        }
        try {
            return where.startsWith("./") ? races(row, where) : tests(row, where.split(" ")[0], where.split(" ")[1]);
        } catch (IOException cannotRead) {
            throw new UncheckedIOException(cannotRead);
        }
    }

    private Line races(String row, String command) throws IOException {
        Path result = modules.resolve(RACES);
        if (!Files.exists(result)) {
            return new Line(row, Verdict.NOT_RUN, "by " + command);
        }
        if (builtSince(result, "core") || builtSince(result, "transport-tcp")) {
            return new Line(row, Verdict.NOT_RUN, "by " + command + ", which has not run since the code was built");
        }
        String[] words = Files.readString(result).strip().split(" ", 2);
        String how =
                String.join(" ", command, words.length == 1 ? "" : words[1]).strip();
        return words[0].equals("0")
                ? new Line(row, Verdict.HELD, how)
                : new Line(row, Verdict.BROKEN, how + " ended with status " + words[0]);
    }

    private Line tests(String row, String module, String test) throws IOException {
        String name = test + " of " + module;
        Path result = modules.resolve(Path.of(module, "target", "surefire-reports", "TEST-" + test + ".xml"));
        Matcher counts = COUNTS.matcher(Files.exists(result) ? Files.readString(result) : "");
        if (!counts.find()) {
            return new Line(row, Verdict.NOT_RUN, name + " has not run");
        }
        if (builtSince(result, module)) {
            return new Line(row, Verdict.NOT_RUN, name + " has not run since it was built");
        }
        int skipped = Integer.parseInt(counts.group(3));
        if (counts.group(1).equals(counts.group(3))) {
            return new Line(row, Verdict.NOT_RUN, "all of " + name + " was skipped");
        }
        boolean passed = counts.group(2).equals("0") && counts.group(4).equals("0");
        Verdict verdict = !passed ? Verdict.BROKEN : skipped == 0 ? Verdict.HELD : Verdict.HELD_IN_PART;
        return new Line(row, verdict, counts.group(1) + " tests, " + skipped + " skipped: " + name);
    }

    private boolean builtSince(Path result, String module) throws IOException {
        FileTime ran = Files.getLastModifiedTime(result);
        for (String classes : List.of("classes", "test-classes")) {
            Path folder = modules.resolve(Path.of(module, "target", classes));
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
}

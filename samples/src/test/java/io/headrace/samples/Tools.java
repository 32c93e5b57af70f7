package io.headrace.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Other people's programs. Where one is missing its tests are skipped; {@code .ci/run} installs them. */
final class Tools {

    /** What a program has said, on both of its outputs, and how it ended. */
    record Run(int status, String output) {}

    private Tools() {}

    static Run run(String... command) throws InterruptedException {
        return run(Map.of(), command);
    }

    static Run run(Map<String, String> environment, String... command) throws InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            return new Run(process.waitFor(), output);
        } catch (IOException notFound) {
            throw new UncheckedIOException(notFound);
        }
    }

    /** The interpreter itself: what is on the path may be a slow script in front of it. */
    static Path python() throws InterruptedException {
        Run found = shell("python3 -c 'import sys; print(sys.executable)'");
        assumeTrue(found.status() == 0, "needs python3: " + found.output());
        return Path.of(found.output().strip());
    }

    static void requireNetcat() throws InterruptedException {
        String help = shell("nc -h").output();
        assumeTrue(help.contains("N"), "needs nc: " + help);
        assumeTrue(help.lines().anyMatch(line -> line.matches(".*-\\w*N.*")), "needs an nc that knows -N: " + help);
    }

    static Run shell(String command) throws InterruptedException {
        return run("sh", "-c", command);
    }

    static List<String> lines(Run run) {
        return run.output().lines().toList();
    }
}

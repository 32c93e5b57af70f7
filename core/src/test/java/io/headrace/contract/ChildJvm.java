package io.headrace.contract;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** Another JVM with this one's class path and none of its flags, for as long as a test may take. */
public final class ChildJvm implements AutoCloseable {
    private static final int PATIENCE_S = 50;
    private static final long SIGINT = 1L << (2 - 1);

    private final Process process;
    private final BufferedReader lines;

    private ChildJvm(Process process) {
        this.process = process;
        lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
        // Its death ends a read that would wait for ever.
        CompletableFuture.delayedExecutor(PATIENCE_S, TimeUnit.SECONDS).execute(process::destroyForcibly);
    }

    public static ChildJvm start(Class<?> main, String... args) throws IOException {
        return start(List.of(), main, args);
    }

    /** Started by a command that takes this one at its end, as {@code prlimit --nofile=256}. */
    public static ChildJvm start(List<String> wrapper, Class<?> main, String... args) throws IOException {
        return start(wrapper, System.getProperty("java.class.path"), main, args);
    }

    /** Without the archives on its class path whose names begin like this. */
    public static ChildJvm startWithout(String archives, Class<?> main, String... args) throws IOException {
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !Path.of(entry).getFileName().toString().startsWith(archives))
                .collect(Collectors.joining(File.pathSeparator));
        return start(List.of(), classPath, main, args);
    }

    private static ChildJvm start(List<String> wrapper, String classPath, Class<?> main, String... args)
            throws IOException {
        List<String> command = new ArrayList<>(wrapper);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx256m",
                "-cp",
                classPath,
                main.getName()));
        command.addAll(List.of(args));
        return new ChildJvm(
                new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    public long pid() {
        return process.pid();
    }

    /** The next line that contains this. */
    public String lineWith(String word) throws IOException {
        StringBuilder seen = new StringBuilder();
        for (String line; (line = lines.readLine()) != null; ) {
            if (line.contains(word)) {
                return line;
            }
            seen.append(line).append('\n');
        }
        throw new AssertionError("ended without a line with '" + word + "': " + seen);
    }

    /** Everything that it still says, until it ends. */
    public String allLines() throws IOException {
        StringBuilder all = new StringBuilder();
        for (String line; (line = lines.readLine()) != null; ) {
            all.append(line).append('\n');
        }
        return all.toString();
    }

    /** Asks it to end (SIGTERM); gives its exit status. What it said before can still be read. */
    public int terminate() throws InterruptedException {
        process.toHandle().destroy(); // Process.destroy() would close our end of its output, too.
        return process.waitFor();
    }

    /** Sends a signal, as INT, and does not wait. Ends the test where the child was born deaf to INT, as every child of a script's background job. */
    public void signal(String name) throws IOException, InterruptedException {
        Assumptions.assumeFalse(name.equals("INT") && ignoresInterrupt(), "whoever runs the tests ignores SIGINT");
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    private boolean ignoresInterrupt() throws IOException {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        if (!Files.exists(status)) {
            return false;
        }
        try (Stream<String> all = Files.lines(status)) {
            return all.filter(line -> line.startsWith("SigIgn:"))
                    .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).trim(), 16) & SIGINT) != 0);
        }
    }

    /** Its exit status, when it has ended by itself. */
    public int status() throws InterruptedException {
        return process.waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}

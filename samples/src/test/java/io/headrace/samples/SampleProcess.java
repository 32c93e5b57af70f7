package io.headrace.samples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A sample in a JVM of its own, with none of the flags of this one. */
final class SampleProcess implements AutoCloseable {
    private static final Pattern ADDRESS = Pattern.compile(":([0-9]+)(?= and |\\. Ctrl)");

    private final Process process;
    private final Path errors;
    private final BufferedReader output;

    private SampleProcess(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
        output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    }

    static SampleProcess start(String... arguments) throws IOException {
        return start(List.of(), arguments);
    }

    static SampleProcess start(List<String> flags, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx256m",
                "-Dlogback.configurationFile=logback.xml", // The samples' own, not that of the tests.
                "-cp",
                System.getProperty("java.class.path")));
        command.addAll(flags);
        command.add(Samples.class.getName());
        command.addAll(List.of(arguments));
        Path errors = Files.createTempFile("headrace", ".err");
        return new SampleProcess(
                new ProcessBuilder(command).redirectError(errors.toFile()).start(), errors);
    }

    /** The next line of its output, or null at the end. */
    String line() throws IOException {
        return output.readLine();
    }

    /** Reads up to where it says where it listens; the ports of its addresses. */
    List<Integer> ports() throws IOException {
        String line = lineFrom("Listening on ");
        if (line == null) {
            throw new AssertionError("ended without a line that says where it listens: " + errors());
        }
        return ADDRESS.matcher(line)
                .results()
                .map(address -> Integer.valueOf(address.group(1)))
                .toList();
    }

    int port() throws IOException {
        return ports().get(0);
    }

    /** The next line that begins like this, or null at the end. */
    String lineFrom(String beginning) throws IOException {
        String line;
        do {
            line = line();
        } while (line != null && !line.startsWith(beginning));
        return line;
    }

    /** Everything that it still says, until it ends. */
    String rest() {
        return output.lines().map(line -> line + "\n").collect(Collectors.joining());
    }

    /** From now on nobody reads its output. */
    void closeOutput() throws IOException {
        output.close();
    }

    /** Asks it to end (SIGTERM); gives its exit status. */
    int terminate() throws InterruptedException {
        process.toHandle().destroy(); // Process.destroy() would close our end of its output, too.
        return process.waitFor();
    }

    /** Its exit status, when it has ended by itself. */
    int status() throws InterruptedException {
        return process.waitFor();
    }

    String errors() throws IOException {
        return Files.readString(errors);
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        Files.deleteIfExists(errors);
    }
}

package io.headrace.bench.compare;

import io.headrace.bench.load.Json;
import io.headrace.bench.load.Load;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/** {@code headrace load} in a JVM of its own that is asked again and again, so that its code is compiled when it counts. */
final class Generator implements AutoCloseable {
    private static final String BETWEEN = "\t";

    private final Child child;

    private Generator(Child child) {
        this.child = child;
    }

    static Generator start(Cores cores, List<String> flags) throws IOException {
        return new Generator(Child.start(Child.java(cores.load(), flags, Generator.class.getName(), List.of()), false));
    }

    /**
     * Loads once.
     *
     * @param words of the command line after {@code load}
     * @return the report as {@code --json} writes it; of a run that failed, the reason under {@code error}; null when it was told to end
     */
    @SuppressWarnings("unchecked")
    Map<String, Object> load(List<String> words) throws IOException {
        child.say(String.join(BETWEEN, words));
        String json = child.line();
        return json == null ? null : (Map<String, Object>) Json.read(json);
    }

    @Override
    public void close() {
        child.close();
    }

    /** Each line that comes in is a command line of {@code load}, with tabs between its words; each that goes out what came of it. */
    public static void main(String[] none) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = in.readLine()) != null; ) {
            System.out.println(answer(line.split(BETWEEN)));
        }
    }

    private static String answer(String[] words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        new CommandLine(new Load())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setParameterExceptionHandler((bad, args) -> fail(err, bad))
                .setExecutionExceptionHandler((bad, command, parsed) -> fail(err, bad))
                .execute(words);
        String json = out.toString().strip();
        return json.isEmpty() ? Json.write(Map.of("error", err.toString().strip())) : json;
    }

    private static int fail(StringWriter err, Exception bad) {
        err.append(bad.getMessage() == null ? bad.toString() : bad.getMessage());
        return CommandLine.ExitCode.SOFTWARE;
    }
}

package io.headrace.bench.compare;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A process for as long as a comparison takes. One thread at a time. */
final class Child implements AutoCloseable {
    private static final int LAST_LINES = 5;
    private static final int PATIENCE_S = 5;

    private final Process process;
    private final BufferedReader out;
    private final PrintWriter in;
    private final Deque<String> last = new ArrayDeque<>();

    private Child(Process process) {
        this.process = process;
        out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        in = new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
    }

    /** @param mixed its standard error is read as its standard output is; or else it is ours */
    static Child start(List<String> command, boolean mixed) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(mixed);
        if (!mixed) {
            builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        }
        return new Child(builder.start());
    }

    /** What runs a main class of ours in another JVM. */
    static List<String> java(String cores, List<String> flags, String main, List<String> args) {
        List<String> command = new ArrayList<>(Cores.on(cores));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
        command.addAll(args);
        return command;
    }

    long pid() {
        return process.pid();
    }

    void say(String line) {
        in.println(line);
    }

    /** The next line, or null when it has ended. */
    String line() throws IOException {
        String line = out.readLine();
        if (line != null) {
            last.add(line);
            if (last.size() > LAST_LINES) {
                last.remove();
            }
        }
        return line;
    }

    /** The next line with this word in it, or null when it has ended. It is ended when that takes too long. */
    String lineWith(String word, int patienceS) throws IOException {
        CompletableFuture<Void> impatient = CompletableFuture.runAsync(
                process::destroyForcibly, CompletableFuture.delayedExecutor(patienceS, TimeUnit.SECONDS));
        try {
            String line = line();
            while (line != null && !line.contains(word)) {
                line = line();
            }
            return line;
        } finally {
            impatient.cancel(false);
        }
    }

    /** The last that it said. */
    String lastWords() {
        return last.isEmpty() ? "it said nothing" : last.getLast();
    }

    /** Whatever it says from now on nobody needs; unread it would stop. */
    void drain() {
        Thread reader = new Thread(
                () -> {
                    try {
                        out.transferTo(Writer.nullWriter());
                    } catch (IOException ended) {
                        // With it.
                    }
                },
                "drain-" + pid());
        reader.setDaemon(true);
        reader.start();
    }

    /** Asks it, and what it has started, to end, and does not ask twice. */
    @Override
    public void close() {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.add(process.toHandle());
        all.forEach(ProcessHandle::destroy);
        try {
            if (!process.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
                all.forEach(ProcessHandle::destroyForcibly);
            }
        } catch (InterruptedException told) {
            all.forEach(ProcessHandle::destroyForcibly);
            Thread.currentThread().interrupt();
        }
    }
}

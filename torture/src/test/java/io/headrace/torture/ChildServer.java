package io.headrace.torture;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.headrace.Loops.Backend;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A server in a JVM of its own, which a case may stop, starve or kill. Always dead at the end. */
final class ChildServer implements Subject {
    private final Process process;
    private final Path errors;
    private final BufferedReader answers;
    private final Writer questions;

    private ChildServer(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
        this.answers = process.inputReader(UTF_8);
        this.questions = process.outputWriter(UTF_8);
    }

    /** What it runs and under what: epoll where the machine has it, 128 MiB of heap and no limits of the system's. */
    record Setup(Servers servers, Backend backend, List<String> flags, List<String> before) {
        static Setup of(Servers servers) {
            return new Setup(servers, Backend.EPOLL.available() ? Backend.EPOLL : Backend.NIO, List.of(), List.of());
        }

        Setup on(Backend backend) {
            return new Setup(servers, backend, flags, before);
        }

        /** With these flags of the JVM. */
        Setup flags(String... flags) {
            return new Setup(servers, backend, List.of(flags), before);
        }

        /** Started by this command: {@code prlimit}, {@code faketime}. */
        Setup under(String... command) {
            return new Setup(servers, backend, flags, List.of(command));
        }

        /** In a network namespace of its own: nobody else's traffic in the kernel's counters, and nobody comes in but by {@link #inside}. */
        Setup inOwnNetwork() {
            return under("unshare", "-n", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh");
        }

        boolean ownNetwork() {
            return before.contains("-n");
        }

        /** Starts it and does not wait until it listens. */
        ChildServer launch() {
            try {
                Path errors = Files.createTempFile("torture", ".err");
                List<String> command = new ArrayList<>(before);
                command.addAll(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx128m",
                        "-Dio.netty.leakDetection.level=paranoid",
                        "-Dio.netty.customResourceLeakDetector=io.netty.util.LeakPresenceDetector",
                        "-Dlogback.configurationFile=torture-child.xml"));
                command.addAll(flags);
                command.addAll(List.of(
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        servers.name(),
                        backend.name()));
                ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
                return new ChildServer(builder.start(), errors);
            } catch (IOException cannotStart) {
                throw new UncheckedIOException(cannotStart);
            }
        }

        /** Starts it and waits until it listens. */
        ChildServer start() {
            ChildServer server = launch();
            if (!"started".equals(server.line())) {
                String why = server.errors();
                server.close();
                throw new AssertionError("ended before it listened: " + why);
            }
            return server;
        }
    }

    private String line() {
        try {
            return answers.readLine();
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    private synchronized List<String> ask(String question) {
        try {
            questions.write(question + "\n");
            questions.flush();
            List<String> lines = new ArrayList<>();
            for (String line; !".".equals(line = answers.readLine()); ) {
                if (line == null) {
                    throw new AssertionError("gone when asked for " + question + ": " + errors());
                }
                lines.add(line);
            }
            return lines;
        } catch (IOException gone) {
            throw new AssertionError("gone when asked for " + question + ": " + errors(), gone);
        }
    }

    private long number(String question) {
        return Long.parseLong(ask(question).get(0));
    }

    /** Whether it wants new connections. */
    boolean ready() {
        return Boolean.parseBoolean(ask("ready").get(0));
    }

    /** Makes it hold so many hundredths of its direct memory from now on, no more and no fewer. */
    void hold(int hundredths) {
        ask("hold " + hundredths);
    }

    /** What it takes for the time of day. */
    long wallClockMs() {
        return number("time");
    }

    /** What is left of its heap when the garbage is collected. */
    long heapBytes() {
        return number("heap");
    }

    long pid() {
        return process.pid();
    }

    /** STOP, CONT, TERM or KILL. */
    void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start();
        if (kill.waitFor() != 0) {
            throw new AssertionError("kill -" + name + " failed: "
                    + new String(kill.getErrorStream().readAllBytes(), UTF_8));
        }
    }

    /** A command that runs where it runs. */
    List<String> inside(List<String> command) {
        List<String> all = new ArrayList<>(List.of("nsenter", "-t", String.valueOf(process.pid()), "-n"));
        all.addAll(command);
        return all;
    }

    /** The kernel's TCP counters of its network. */
    Map<String, Long> tcpCounters() {
        return Proc.tcpCounters(Path.of("/proc", String.valueOf(process.pid()), "net", "netstat"));
    }

    /** Its exit status, when it ends within this time. */
    int status(long seconds) throws InterruptedException {
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            throw new AssertionError("still alive after " + seconds + " s: " + errors());
        }
        return process.exitValue();
    }

    /** Everything that it has said on standard error. */
    String errors() {
        try {
            return Files.readString(errors);
        } catch (IOException cannotRead) {
            throw new UncheckedIOException(cannotRead);
        }
    }

    @Override
    public int port(String endpoint) {
        return (int) number("port " + endpoint);
    }

    @Override
    public boolean alive() {
        return process.isAlive();
    }

    @Override
    public long probeNs() {
        return number("probe");
    }

    @Override
    public Path descriptorFolder() {
        return Path.of("/proc", String.valueOf(process.pid()), "fd");
    }

    @Override
    public List<String> threads() {
        return ask("threads");
    }

    @Override
    public long directBytes() {
        return number("direct");
    }

    @Override
    public long loopCpuNs() {
        return number("cpu");
    }

    @Override
    public List<Path> loopWaits() {
        return Proc.waits(process.pid(), Child.THREADS + "-");
    }

    @Override
    public Map<String, Double> meters() {
        Map<String, Double> meters = new TreeMap<>();
        for (String line : ask("meters")) {
            int end = line.lastIndexOf(' ');
            meters.put(line.substring(0, end), Double.valueOf(line.substring(end + 1)));
        }
        return meters;
    }

    /** A line of the log is {@code ms|LEVEL|logger|message}; what follows without that form belongs to it. */
    @Override
    public List<LogLine> log() {
        List<LogLine> lines = new ArrayList<>();
        for (String line : errors().lines().toList()) {
            String[] cells = line.split("\\|", 4);
            if (cells.length == 4 && cells[0].matches("\\d+")) {
                lines.add(new LogLine(Long.parseLong(cells[0]), cells[1], cells[3], false));
            } else if (!lines.isEmpty()) {
                LogLine last = lines.remove(lines.size() - 1);
                boolean stack = last.stack() || line.startsWith("\tat ");
                lines.add(new LogLine(last.atMs(), last.level(), last.message(), stack));
            }
        }
        return lines;
    }

    @Override
    public String stop() {
        return String.join(", ", ask("stop"));
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
            Files.deleteIfExists(errors);
        } catch (IOException | InterruptedException left) {
            throw new IllegalStateException(left);
        }
    }
}

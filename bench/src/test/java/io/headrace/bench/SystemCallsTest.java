package io.headrace.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.headrace.Loops.Backend;
import io.headrace.contract.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How many system calls the loop of a server on epoll makes for each operation, one after the other: no clock is involved, so a slow machine
 * gives the same answer. Counted by strace, from a process of its own, on the loop's thread alone.
 */
class SystemCallsTest {
    /** accept4, sendto, shutdown, recvfrom, close, getsockname, and one wait of the loop, for a client comes when the last has gone. */
    private static final int GREETING = 7;
    /** recvfrom, sendto, and one wait. */
    private static final int ECHO = 3;
    /** recvmmsg, getsockopt (Netty's, after each batch), sendto, and one wait. */
    private static final int DATAGRAM = 4;
    /** Calls that not every operation makes. */
    private static final double SELDOM = 0.2;

    private static final int OPERATIONS = 300;
    /** What the JVM does between its threads, and calls of less than every twentieth operation, which load classes. */
    private static final String THREADS = "futex";

    private static final int LEAST_CALLS = OPERATIONS / 20;

    private static final Path STRACE = Path.of("/usr/bin/strace");

    @TempDir
    Path folder;

    private long elapsedNs;

    private interface Operation {
        void run() throws IOException;
    }

    @ParameterizedTest
    @CsvSource({"greet=tcp, " + GREETING, "echo=tcp, " + ECHO, "echo=udp, " + DATAGRAM})
    void noMoreThanBefore(String target, int most) throws Exception {
        assumeTrue(Files.isExecutable(STRACE), "no strace here");
        assumeTrue(Backend.EPOLL.available(), "no epoll here");

        double calls = callsPerOperation("headrace", target);
        // While somebody lingers the loop looks every 5 ms: on a busy machine that is often for few greetings.
        double byTheClock = elapsedNs / 5e6 / OPERATIONS;
        assertThat(calls).as(table()).isLessThanOrEqualTo(most + SELDOM + byTheClock);
    }

    /** That the count is right, by what is known of a server that we do not change: Netty makes ten calls beside epoll's. */
    @Test
    void rawNettyMakesElevenForAGreeting() throws Exception {
        assumeTrue(Files.isExecutable(STRACE), "no strace here");
        assumeTrue(Backend.EPOLL.available(), "no epoll here");

        double calls = callsPerOperation("netty", "greet=tcp");
        assertThat(calls).as(table()).isBetween(11 - SELDOM, 11 + SELDOM);
    }

    @Test
    void rawNettyReadsBatchesWhereItIsAskedTo() throws Exception {
        assumeTrue(Files.isExecutable(STRACE), "no strace here");
        assumeTrue(Backend.EPOLL.available(), "no epoll here");

        callsPerOperation("netty", "echo=udp");
        assertThat(table()).doesNotContain("recvmmsg");
        callsPerOperation("netty", "echo=udp", "--batch");
        assertThat(table()).contains("recvmmsg");
    }

    private String table() throws IOException {
        return Files.readString(folder.resolve("calls"));
    }

    private double callsPerOperation(String server, String target, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(
                List.of("serve", "--transport", "epoll", "--server", server, target + "://127.0.0.1:0"));
        arguments.addAll(List.of(more));
        try (ChildJvm child = ChildJvm.start(Bench.class, arguments.toArray(String[]::new))) {
            String ready = child.lineWith("ready");
            int port = Integer.parseInt(ready.substring(ready.lastIndexOf(':') + 1));
            return switch (target) {
                case "greet=tcp" -> counted(child.pid(), new GreetClient(port)::greeting);
                case "echo=tcp" -> {
                    try (EchoClient client = EchoClient.tcp(port, 64)) {
                        yield counted(child.pid(), client::roundTrip);
                    }
                }
                default -> {
                    try (EchoClient client = EchoClient.udp(port, 64)) {
                        yield counted(child.pid(), client::roundTrip);
                    }
                }
            };
        }
    }

    private double counted(long pid, Operation operation) throws Exception {
        operation.run(); // What only the first of all costs.
        Path counts = folder.resolve("calls");
        Process strace = new ProcessBuilder(STRACE.toString(), "-c", "-o", counts.toString(), "-p", loopThread(pid))
                .redirectErrorStream(true)
                .start();
        try (BufferedReader said = new BufferedReader(new InputStreamReader(strace.getInputStream(), UTF_8))) {
            String first = said.readLine();
            assumeTrue(first != null && first.contains("attached"), "strace may not attach here: " + first);
            long startNs = System.nanoTime();
            for (int i = 0; i < OPERATIONS; i++) {
                operation.run();
            }
            elapsedNs = System.nanoTime() - startNs;
            new ProcessBuilder("kill", "-INT", Long.toString(strace.pid()))
                    .start()
                    .waitFor();
            assertThat(strace.waitFor(10, TimeUnit.SECONDS)).isTrue();
        } finally {
            strace.destroyForcibly();
        }
        return (double) total(Files.readString(counts)) / OPERATIONS;
    }

    private static String loopThread(long pid) throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            return threads.filter(SystemCallsTest::serves)
                    .findFirst()
                    .orElseThrow()
                    .getFileName()
                    .toString();
        }
    }

    private static boolean serves(Path thread) {
        try {
            return Files.readString(thread.resolve("comm")).startsWith(Serving.LOOP_NAME);
        } catch (IOException gone) {
            return false;
        }
    }

    /** Lines as {@code 46.99  0.006239  20  300  3 accept4}, with errors or without. */
    private static long total(String table) {
        return table.lines()
                .map(line -> line.strip().split(" +"))
                .filter(words -> words.length >= 5 && words[0].matches("[0-9.]+") && words[3].matches("[0-9]+"))
                .filter(words -> !words[words.length - 1].equals("total") && !words[words.length - 1].equals(THREADS))
                .mapToLong(words -> Long.parseLong(words[3]))
                .filter(calls -> calls >= LEAST_CALLS)
                .sum();
    }
}

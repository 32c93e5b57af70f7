package io.headrace.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.contract.ChildJvm;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class DoctorTest {
    @TempDir
    private Path folder;

    private record Ended(int status, String out, String err) {}

    private static Ended doctor(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        List<String> all = new ArrayList<>(List.of("doctor"));
        all.addAll(List.of(args));
        int status = Bench.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(all.toArray(String[]::new));
        return new Ended(status, out.toString(), err.toString());
    }

    @Test
    void helpNamesEveryTarget() {
        assertThat(doctor("--help").out().replaceAll("\\s+", ""))
                .contains("greet,", "echo", "discard", "tcp://", "tls://", "udp://", "unix:/PATH", "unixgram:/PATH");
    }

    @Test
    void theMachineIsLookedAt() {
        Ended ended = doctor();
        assertThat(ended.out())
                .startsWith("this machine\n")
                .contains("  ok     java                          " + System.getProperty("java.runtime.version"))
                .containsPattern("epoll +chosen, the best of those that auto takes")
                .containsPattern("kqueue +not available: ")
                .containsPattern("processors +" + Runtime.getRuntime().availableProcessors() + ", ")
                .containsPattern("direct memory +at most \\d+ MiB")
                .containsPattern("descriptors +\\d+, of which \\d+ are open")
                .containsPattern("local ports +\\d+ to \\d+, that is \\d+ connections")
                .containsPattern("net.core.somaxconn +\\d+")
                .containsPattern("net.ipv4.tcp_max_syn_backlog +\\d+")
                .containsPattern("net.core.rmem_max +\\d+")
                .contains("\nno errors, ");
        assertThat(ended.status()).isZero();
        assertThat(ended.err()).isEmpty();
    }

    @Test
    void theRealCommandSaysWhatIsInTheWayAndEndsWithThree() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            try (ChildJvm child =
                    ChildJvm.start(Bench.class, "doctor", "echo=tcp://127.0.0.1:" + taken.getLocalPort())) {
                assertThat(child.allLines())
                        .contains("tcp endpoint 'echo-1' on 127.0.0.1:" + taken.getLocalPort() + "\n")
                        .containsPattern("ERROR  address      127.0.0.1:" + taken.getLocalPort()
                                + " \\(expected: a free one, but java \\(process "
                                + ProcessHandle.current().pid() + "\\) has it\\)\n")
                        .contains("\n1 error, ");
                assertThat(child.status()).isEqualTo(3);
            }
        }
    }

    @Test
    void servicesThatCouldStartAreFine() {
        Ended ended = doctor(
                "greet=tcp://127.0.0.1:0",
                "greet=tls://127.0.0.1:0",
                "echo=udp://127.0.0.1:0",
                "echo=unix:" + folder.resolve("app.sock"),
                "--transport",
                "nio");
        assertThat(ended.out())
                .contains(
                        "address      127.0.0.1:0, free",
                        "path         " + folder.resolve("app.sock") + ", free, rw-------",
                        "nio: chosen by name");
        assertThat(ended.status()).isZero();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aBackendThatIsNotThereIsInTheWay() {
        Ended ended = doctor("echo=tcp://127.0.0.1:0", "--transport", "kqueue");
        assertThat(ended.out())
                .contains("ERROR  loops  kqueue (expected: available on this machine, but not available: ");
        assertThat(ended.status()).isEqualTo(3);
    }

    @Test
    void badArgumentsAreOneLineAndStatusTwo() {
        assertThat(doctor("echo=carrier://pigeon"))
                .isEqualTo(
                        new Ended(
                                2,
                                "",
                                "headrace doctor: address: carrier://pigeon"
                                        + " (expected: tcp://HOST:PORT, tls://HOST:PORT, udp://HOST:PORT, unix:/PATH or unixgram:/PATH)\n"));
    }
}

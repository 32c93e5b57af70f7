package io.headrace.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.headrace.Loops;
import io.headrace.Server;
import io.headrace.tcp.Tcp;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class SamplesTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        CommandLine line = Samples.commandLine(new Console(new PrintWriter(out)));
        return line.setErr(new PrintWriter(err, true)).execute(arguments);
    }

    private void assertFails(int status, String line, String... arguments) {
        assertThat(run(arguments)).isEqualTo(status);
        assertThat(err.toString()).isEqualTo(line + System.lineSeparator());
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void helpListsEverySampleAndTheBench() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString())
                .contains("  greet  ", "  connect  ", "  demo  ", "  echo  ", "  lines  ", "  upper  ", "  chat  ")
                .contains("  sink  ", "  serve  ", "  jmh  ")
                .doesNotContain("${");
    }

    @Test
    void helpOfASampleNamesItsPort() {
        assertThat(run("greet", "--help")).isZero();
        assertThat(out.toString().replaceAll("\\s+", " ")).contains("takes any free one. Default: 12345.");
    }

    @Test
    void versionNamesNettyAndJavaToo() {
        assertThat(run("--version")).isZero();
        assertThat(out.toString()).matches("Headrace \\d\\S+ \\(Netty 4\\.2\\.\\S+, Java \\d\\S*\\)\\R");
    }

    @Test
    void demoShowsBothSides() {
        assertThat(run("demo")).isZero();
        assertThat(out.toString().lines())
                .satisfiesExactly(
                        line -> assertThat(line).matches("server: listening on 127\\.0\\.0\\.1:\\d+"),
                        line -> assertThat(line).matches("server: Got connection from \\('127\\.0\\.0\\.1', \\d+\\)"),
                        line -> assertThat(line).isEqualTo("client: Thank you for connecting"));
    }

    @Test
    void withoutACommandItSaysWhereTheyAreListed() {
        assertFails(2, "no command (./headrace --help lists them)");
    }

    @Test
    void anUnknownCommandIsOneLine() {
        assertFails(2, "unknown: gret (./headrace --help lists what there is)", "gret");
    }

    @Test
    void anUnknownOptionIsOneLine() {
        assertFails(2, "unknown: --prot 1 (./headrace greet --help lists what there is)", "greet", "--prot", "1");
    }

    @Test
    void aPortThatIsNoNumberIsOneLine() {
        assertFails(
                2,
                "Invalid value for option '--port': http (expected: a number from 0 to 65535)",
                "greet",
                "--port",
                "http");
    }

    @Test
    void aPortOutOfRangeIsOneLine() {
        assertFails(
                2,
                "Invalid value for option '--metrics-port': 65536 (expected: a number from 0 to 65535)",
                "greet",
                "--metrics-port",
                "65536");
    }

    @Test
    void anUnknownTransportIsOneLine() {
        assertFails(
                2,
                "Invalid value for option '--transport': aio (expected: auto, nio, epoll, kqueue or io_uring)",
                "echo",
                "--transport",
                "aio");
    }

    @Test
    void aTransportThatThisMachineLacksIsOneLine() {
        assumeFalse(Loops.Backend.KQUEUE.available(), "has every transport that Linux lacks");

        assertThat(run("greet", "--transport", "kqueue", "--metrics-port", "0")).isEqualTo(2);
        assertThat(err.toString().lines()).singleElement().asString().contains("kqueue", "not available");
    }

    @Test
    void aHostThatDoesNotResolveIsOneLine() {
        assertThat(run("greet", "--host", "no.such.host.invalid")).isEqualTo(1);
        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .startsWith("cannot start tcp endpoint 'greeting' on no.such.host.invalid:12345: ");
    }

    @Test
    void aPortThatIsTakenIsOneLine() throws IOException {
        try (ServerSocket other = taken()) {
            String port = String.valueOf(other.getLocalPort());

            assertFails(
                    1,
                    "cannot start tcp endpoint 'greeting' on 127.0.0.1:" + port + ": Address already in use",
                    "greet",
                    "--host",
                    "127.0.0.1",
                    "--port",
                    port);
        }
    }

    @Test
    void aMetricsPortThatIsTakenIsOneLineAndFreesThePortOfTheGreeting() throws IOException {
        int greetingPort;
        try (ServerSocket free = taken()) {
            greetingPort = free.getLocalPort();
        }
        try (ServerSocket other = taken()) {
            assertFails(
                    1,
                    "cannot start tcp endpoint 'metrics' on 127.0.0.1:" + other.getLocalPort()
                            + ": Address already in use",
                    "greet",
                    "--port",
                    String.valueOf(greetingPort),
                    "--metrics-port",
                    String.valueOf(other.getLocalPort()));
        }
        try (Server again = Tcp.listen(greetingPort).reply(bytes -> bytes).start()) {
            assertThat(again.port()).isEqualTo(greetingPort);
        }
    }

    @Test
    void aRefusedConnectIsOneLine() throws IOException {
        int nobodyListens;
        try (ServerSocket free = taken()) {
            nobodyListens = free.getLocalPort();
        }

        assertFails(
                1,
                "cannot connect to 127.0.0.1:" + nobodyListens + ": Connection refused",
                "connect",
                "127.0.0.1",
                String.valueOf(nobodyListens));
    }

    @Test
    void connectToAHostThatDoesNotResolveIsOneLine() {
        assertThat(run("connect", "no.such.host.invalid", "12345")).isEqualTo(1);
        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .startsWith("cannot connect to no.such.host.invalid:12345: ");
    }

    @Test
    void connectWithoutAPortIsOneLine() {
        assertFails(2, "Missing required parameter: 'PORT'", "connect", "127.0.0.1");
    }

    @Test
    void connectToPortZeroIsOneLine() {
        assertThat(run("connect", "127.0.0.1", "0")).isEqualTo(2);
        assertThat(err.toString().lines()).singleElement().asString().endsWith("port: 0 (expected: 1 to 65535)");
    }

    private static ServerSocket taken() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
    }
}

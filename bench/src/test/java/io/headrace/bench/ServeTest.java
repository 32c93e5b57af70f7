package io.headrace.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.contract.ChildJvm;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

class ServeTest {
    private static final int SIGTERM_STATUS = 143;

    private record Ended(int status, String out, String err) {}

    private static Ended serve(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        List<String> all = new ArrayList<>(List.of("serve"));
        all.addAll(List.of(args));
        CommandLine line = Bench.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        int status = line.execute(all.toArray(String[]::new));
        return new Ended(status, out.toString(), err.toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            greet=tcp://127.0.0.1:70000                            | port: 70000 (expected: 0 to 65535)
            dance=tcp://127.0.0.1:0                                | service: dance (expected: one of [greet, echo, discard])
            echo=tcp://127.0.0.1:0 greet                           | target: greet (expected: as greet=tcp://127.0.0.1:9000, echo=udp://127.0.0.1:9002 or echo=unix:/run/echo.sock)
            echo=tcp://127.0.0.1:0 --loops 0                       | --loops: 0 (expected: 1 to 1024)
            echo=tcp://127.0.0.1:0 --loops many                    | Invalid value for option '--loops': 'many' is not an int
            echo=tcp://127.0.0.1:0 --transport carrier-pigeon      | Invalid value for option '--transport': carrier-pigeon (expected: auto, nio, epoll, kqueue or io_uring)
            echo=tcp://127.0.0.1:0 --server apache                 | Invalid value for option '--server': expected one of [HEADRACE, NETTY] (case-insensitive) but was 'apache'
            echo=tcp://127.0.0.1:0 --server netty --bare           | --bare: only with --server headrace
            echo=tcp://127.0.0.1:0 --server netty --metrics        | --metrics: only with --server headrace
            greet=tcp://127.0.0.1:0 --server headrace --close linger | --close: only with --server netty (headrace closes safely by itself)
            --nonsense echo=tcp://127.0.0.1:0                      | Unknown option: '--nonsense'
            """)
    void badArgumentsAreOneLineAndStatusTwo(String args, String line) {
        Ended ended = serve(args.split(" "));

        assertThat(ended).isEqualTo(new Ended(2, "", "headrace serve: " + line + "\n"));
    }

    @Test
    void noTargetIsStatusTwo() {
        assertThat(serve())
                .isEqualTo(new Ended(2, "", "headrace serve: Missing required parameter: 'SERVICE=ADDRESS'\n"));
    }

    @ParameterizedTest
    @EnumSource
    void takenPortIsOneLineAndStatusOne(Contender contender) throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();

            Ended ended = serve("--server", contender.toString(), "echo=tcp://127.0.0.1:" + port);

            assertThat(ended.status()).isEqualTo(1);
            assertThat(ended.err())
                    .matches("headrace serve: cannot start .*127\\.0\\.0\\.1:" + port + ": Address already in use\n");
        }
    }

    @ParameterizedTest
    @EnumSource
    void hostThatDoesNotResolveIsOneLineAndStatusOne(Contender contender) {
        Ended ended = serve("--server", contender.toString(), "echo=tcp://no-such-host.invalid:0");

        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.err())
                .startsWith("headrace serve: cannot start ")
                .contains("no-such-host.invalid")
                .hasLineCount(1);
    }

    @Test
    void helpNamesEveryOption() {
        Ended ended = serve("--help");

        assertThat(ended.status()).isZero();
        assertThat(ended.out()).contains("--server", "--transport", "--loops", "--close", "--bare", "--metrics");
    }

    @ParameterizedTest
    @CsvSource({"netty,--close=linger", "headrace,--bare", "headrace,--metrics"})
    void servesUntilItIsToldToEnd(String server, String option) throws Exception {
        try (ChildJvm child = ChildJvm.start(
                Bench.class,
                "serve",
                "greet=tcp://127.0.0.1:0",
                "echo=udp://127.0.0.1:0",
                "--server",
                server,
                option)) {
            Matcher ready = Pattern.compile("ready: " + server
                            + " on \\w+, 1 loop: greet=tcp://127\\.0\\.0\\.1:(\\d+) echo=udp://127\\.0\\.0\\.1:(\\d+)")
                    .matcher(child.lineWith("ready"));
            assertThat(ready.matches()).isTrue();

            assertThat(new GreetClient(Integer.parseInt(ready.group(1))).greeting())
                    .isEqualTo(24);
            try (EchoClient client = EchoClient.udp(Integer.parseInt(ready.group(2)), 64)) {
                client.roundTrip();
            }
            assertThat(child.terminate()).isEqualTo(SIGTERM_STATUS);
        }
    }
}

package io.headrace.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.headrace.Loops.Backend;
import io.headrace.contract.ChildJvm;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class ServeTest {
    private static final int SIGTERM_STATUS = 143;
    private static final int NOTHING_DONE = 1;

    @TempDir
    private Path folder;

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
            echo=tcp://127.0.0.1:0 --server apache                 | Invalid value for option '--server': expected one of [HEADRACE, NETTY, REACTOR, VERTX, MINA, JDK] (case-insensitive) but was 'apache'
            echo=tcp://127.0.0.1:0 --server netty --bare           | --bare: only with --server headrace
            echo=udp://127.0.0.1:0 --batch                         | --batch: only with --server netty on epoll
            echo=udp://127.0.0.1:0 --server netty --batch --transport nio | --batch: only with --server netty on epoll
            echo=tcp://127.0.0.1:0 --server netty --metrics        | --metrics: only with --server headrace
            greet=tcp://127.0.0.1:0 --server headrace --close linger | --close: only with --server netty (headrace closes safely by itself, the others as they do)
            echo=tls://127.0.0.1:0 --server vertx                  | target: echo=tls://127.0.0.1:0 (expected: no tls:// with --server vertx, only with headrace or netty)
            greet=tls://127.0.0.1:0 --server netty --close linger  | --close linger: not with tls://, where raw Netty closes with close_notify
            echo=tcp://127.0.0.1:0 --server netty --close linger | --close: only with a target greet=
            echo=tcp://127.0.0.1:0 --server netty --transport epoll --batch | --batch: only with a target udp://HOST:PORT
            echo=tcp://127.0.0.1:0 --tls-cert c.pem --tls-key k.pem | --tls-...: only with a target tls://HOST:PORT
            echo=tls://127.0.0.1:0 --tls-cert no.pem               | --tls-cert: only together with --tls-key
            echo=tls://127.0.0.1:0 --tls-cert no.pem --tls-key no.pem | --tls-...: File does not contain valid certificates: no.pem (could not find certificate file: no.pem)
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
    @MethodSource("io.headrace.bench.ServingTest#contenders")
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
    @MethodSource("io.headrace.bench.ServingTest#contenders")
    void hostThatDoesNotResolveIsOneLineAndStatusOne(Contender contender) {
        Ended ended = serve("--server", contender.toString(), "echo=tcp://no-such-host.invalid:0");

        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.err())
                .startsWith("headrace serve: cannot start ")
                .contains("no-such-host.invalid")
                .hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            reactor | echo=unixgram:/no/where                    | cannot start echo=unixgram:/no/where: Reactor Netty .* has no Unix datagrams
            vertx   | echo=unixgram:/no/where                    | cannot start echo=unixgram:/no/where: Vert.x .* has no Unix datagrams
            netty   | echo=unixgram:/no/where                    | cannot start echo=unixgram:/no/where: raw Netty has no Unix datagrams here
            mina    | echo=unix:/no/where                        | cannot start echo=unix:/no/where: Apache MINA .* has no Unix sockets
            mina    | echo=tcp://127.0.0.1:0 --transport io_uring | cannot start: Apache MINA .* has nio only, not io_uring
            jdk     | echo=tcp://127.0.0.1:0 --transport nio     | cannot start: Java .* has blocking sockets only, nothing to choose
            """)
    void whatABaselineHasNotIsOneLineAndStatusOne(String server, String args, String line) {
        assumeTrue(!args.contains("io_uring") || Backend.IO_URING.available());

        Ended ended = serve(("--server " + server + " " + args).split(" "));

        assertThat(ended.err()).matches("headrace serve: " + line + "\n");
        assertThat(ended.status()).isEqualTo(1);
    }

    @Test
    void withoutVirtualThreadsThereIsNoJdkServer() {
        assumeTrue(!JdkBaseline.available());

        Ended ended = serve("--server", "jdk", "echo=tcp://127.0.0.1:0");

        assertThat(ended.err())
                .matches(
                        "headrace serve: cannot start: Java .* has no virtual threads \\(expected: Java 21 or newer; .*\\)\n");
        assertThat(ended.status()).isEqualTo(1);
    }

    @Test
    void helpNamesEveryTarget() {
        assertThat(serve("--help").out().replaceAll("\\s+", ""))
                .contains("greet,", "echo", "discard", "tcp://", "tls://", "udp://", "unix:/PATH", "unixgram:/PATH");
    }

    @Test
    void helpNamesEveryOption() {
        Ended ended = serve("--help");

        assertThat(ended.status()).isZero();
        assertThat(ended.out())
                .contains(
                        "--server",
                        "--transport",
                        "--loops",
                        "--close",
                        "--bare",
                        "--metrics",
                        "--tls-cert",
                        "--tls-key");
    }

    @ParameterizedTest
    @CsvSource({
        "netty,--close=linger,1 loop --close linger",
        "headrace,--bare,1 loop --bare",
        "headrace,--metrics,1 loop --metrics",
        "reactor,--loops=1,1 loop",
        "vertx,--loops=1,1 loop",
        "mina,--loops=1,1 loop"
    })
    void servesUntilItIsToldToEnd(String server, String option, String how) throws Exception {
        try (ChildJvm child = ChildJvm.start(
                Bench.class,
                "serve",
                "greet=tcp://127.0.0.1:0",
                "echo=udp://127.0.0.1:0",
                "--server",
                server,
                option)) {
            Matcher ready = Pattern.compile("ready: " + server
                            + " \\(.*\\d\\.\\d.*\\) on [\\w ]+, " + how
                            + ": greet=tcp://127\\.0\\.0\\.1:(\\d+) echo=udp://127\\.0\\.0\\.1:(\\d+)")
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

    @Test
    void tlsWithACertificateMadeAtStartIsLoadedInEveryMode() throws Exception {
        Path pem;
        try (ChildJvm child =
                ChildJvm.start(Bench.class, "serve", "greet=tls://127.0.0.1:0", "echo=tls://localhost:0")) {
            Matcher trust = Pattern.compile(
                            "tls: a certificate made now for localhost, 127\\.0\\.0\\.1, ::1; load trusts it with --tls-ca (\\S+), or any with --tls-insecure")
                    .matcher(child.lineWith("tls: "));
            assertThat(trust.matches()).isTrue();
            pem = Path.of(trust.group(1));
            Matcher ready = Pattern.compile("1 loop: greet=(tls://127\\.0\\.0\\.1:\\d+) echo=(tls://localhost:\\d+)")
                    .matcher(child.lineWith("ready"));
            assertThat(ready.find()).isTrue();

            assertThat(load("connect", ready.group(1), pem)).isZero();
            assertThat(load("echo", ready.group(2), pem)).isZero();
            assertThat(load("pipeline -w 4", ready.group(2), pem)).isZero();
            assertThat(load("rate -R 200", ready.group(2), pem)).isZero();

            assertThat(child.terminate()).isEqualTo(SIGTERM_STATUS);
        }
        assertThat(pem).doesNotExist();
    }

    @Test
    void tlsWithACertificateFromFilesIsServedByRawNettyToo() throws Exception {
        X509Bundle bundle = new CertificateBuilder()
                .subject("CN=bench")
                .addSanDnsName("localhost")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        Path certificate = Files.writeString(folder.resolve("certificate.pem"), bundle.getCertificatePEM());
        Path key = Files.writeString(folder.resolve("key.pem"), bundle.getPrivateKeyPEM());
        try (ChildJvm child = ChildJvm.start(
                Bench.class,
                "serve",
                "echo=tls://localhost:0",
                "--server",
                "netty",
                "--tls-cert",
                certificate.toString(),
                "--tls-key",
                key.toString())) {
            assertThat(child.lineWith("tls: ")).startsWith("tls: the certificate in " + certificate + "; load trusts");
            String ready = child.lineWith("ready");

            assertThat(load("echo", ready.substring(ready.indexOf("tls://")), certificate))
                    .isZero();
        }
    }

    /** The exit code of a second of load, in which nothing may go wrong; of more where a busy machine has answered nothing in one. */
    private static int load(String mode, String target, Path pem) {
        int status = NOTHING_DONE;
        for (int seconds = 1; seconds <= 16 && status == NOTHING_DONE; seconds *= 4) {
            String words = "load " + mode + " -c 2 -d " + seconds + "s --warmup 0s --quiet --slo errors<1 --tls-ca "
                    + pem + " " + target;
            StringWriter out = new StringWriter();
            status = Bench.commandLine().setOut(new PrintWriter(out)).execute(words.split(" "));
            assertThat(out.toString()).contains("0 failed", "gate         errors<1: met");
        }
        return status;
    }
}

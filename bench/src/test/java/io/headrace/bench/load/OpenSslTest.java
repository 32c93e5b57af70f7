package io.headrace.bench.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over TLS against a server that has nothing of Netty or the JDK in it: one that sends lines back the wrong way round. */
class OpenSslTest {
    private static final Path OPENSSL = Path.of("/usr/bin/openssl");

    @TempDir
    Path folder;

    private Process server;
    private int port;

    @BeforeEach
    void serve() throws Exception {
        assumeTrue(Files.isExecutable(OPENSSL), "no openssl here");
        Process certificate = openssl(
                        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout key.pem"
                                + " -out cert.pem -subj /CN=localhost -addext subjectAltName=DNS:localhost")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(certificate.waitFor()).isZero();
        server = openssl("s_server -accept 127.0.0.1:0 -cert cert.pem -key key.pem -rev")
                .start();
        BufferedReader said = new BufferedReader(new InputStreamReader(server.getInputStream(), UTF_8));
        String line = said.readLine();
        while (line != null && !line.startsWith("ACCEPT")) {
            line = said.readLine();
        }
        assertThat(line).isNotNull();
        port = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
        Thread drain = new Thread(() -> drain(said), "s-server-drain");
        drain.setDaemon(true);
        drain.start();
    }

    private ProcessBuilder openssl(String words) {
        return new ProcessBuilder((OPENSSL + " " + words).split(" "))
                .directory(folder.toFile())
                .redirectErrorStream(true);
    }

    private static void drain(BufferedReader said) {
        try {
            while (said.readLine() != null) {
                // Unread it would stop.
            }
        } catch (IOException ended) {
            // With it.
        }
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (server != null) {
            server.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void linesAreAskedAndAnsweredByAnotherTls() {
        Report report = Loading.report(
                "echo -c 1 -d 300ms -m water\\n --answer line --tls-ca " + folder.resolve("cert.pem"),
                "tls://localhost:" + port);

        assertThat(report.total().count(Count.ANSWERED)).isPositive();
        assertThat(report.total().allErrors()).isZero();
        // The line has six bytes, the line feed with them.
        assertThat(report.total().count(Count.BYTES_RECEIVED))
                .isEqualTo(6 * report.total().count(Count.ANSWERED));
    }

    @Test
    void anotherNameIsATlsError() {
        Loading loading = Loading.of(
                "echo -c 1 -d 1m --quiet --tls-name elsewhere.example --tls-ca " + folder.resolve("cert.pem"),
                "tls://localhost:" + port);

        assertThat(loading.status()).isEqualTo(1);
        assertThat(loading.out()).containsPattern("error        tls: \\d+, first: tls://localhost:" + port);
    }
}

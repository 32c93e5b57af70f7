package io.headrace.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.Server;
import io.headrace.contract.ChildJvm;
import io.headrace.tcp.Tcp;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The real command in a JVM of its own: what it ends with. There is no single jar of it; that the launcher, which becomes this JVM, passes
 * the status on is what {@code .ci/run} looks at.
 */
class LoadStatusTest {
    private Server server;

    @BeforeEach
    void serve() {
        server = Tcp.listen(0).reply(bytes -> bytes).start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private ChildJvm load(String words) throws Exception {
        List<String> args = new ArrayList<>(List.of("load"));
        args.addAll(List.of(
                words.replace("SERVER", "tcp://127.0.0.1:" + server.port()).split(" ")));
        return ChildJvm.start(Bench.class, args.toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            echo SERVER -d 2s --warmup 0s --slo errors<1,p99<1m   | 0 | p99<1m: met
            echo tcp://127.0.0.1:1 -d 1m                             | 1 | refused
            echo                                                     | 2 | headrace load echo: Missing required parameter: 'TARGET'
            echo SERVER --slo p99                                    | 2 | --slo: p99 (expected: as p99<50ms
            sing SERVER                                              | 2 | Unmatched argument
            echo SERVER -d 2s --warmup 0s --slo p99<1ns           | 3 | p99<1ns: BROKEN
            rate SERVER -d 2s --warmup 0s -R 100m -c 1 --strict       | 4 | GENERATOR LIMITED
            """)
    void endsWith(String words, int status, String line) throws Exception {
        try (ChildJvm child = load(words)) {
            assertThat(child.allLines()).contains(line);
            assertThat(child.status()).isEqualTo(status);
        }
    }

    @Test
    void searchThatIsCutOffSaysSo() throws Exception {
        try (ChildJvm child = load("find --from 50 -c 1 -w 64 -d 200ms --warmup 0s --slo p50<1m --quiet SERVER")) {
            child.lineWith("find   50/s holds");
            child.signal("INT");

            assertThat(child.allLines())
                    .contains("limited by nothing yet: the search was cut off", "INTERRUPTED")
                    .doesNotContain("the server\n");
            assertThat(child.status()).isEqualTo(130);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void soakThatIsCutOffKnowsItsConnections() throws Exception {
        long pid = ProcessHandle.current().pid();
        try (ChildJvm child = load("soak -c 20 -d 10m --interval 100ms --pid " + pid + " SERVER")) {
            child.lineWith("connections 20");
            child.signal("INT");

            assertThat(child.allLines()).contains("with 20 connections: ", "INTERRUPTED");
            assertThat(child.status()).isEqualTo(130);
        }
    }

    @ParameterizedTest
    @CsvSource({"INT, 130, 0s", "TERM, 143, 10m"})
    void interruptedItReportsWhatItHas(String signal, int status, String warmup) throws Exception {
        try (ChildJvm child = load("rate -R 100 SERVER -d 10m --interval 100ms --warmup " + warmup)) {
            child.lineWith("rate");
            child.signal(signal);

            assertThat(child.allLines()).contains("INTERRUPTED", "requests ");
            assertThat(child.status()).isEqualTo(status);
        }
    }
}

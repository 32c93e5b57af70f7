package io.headrace.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.contract.ChildJvm;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class JmhTest {

    @Test
    void everyBenchmarkRunsAndSaysWhatTheLoopAllocates() throws IOException {
        try (ChildJvm jmh = ChildJvm.start(
                Bench.class,
                "jmh",
                "-f",
                "0",
                "-wi",
                "0",
                "-i",
                "1",
                "-r",
                "20ms",
                "-foe",
                "true",
                "-jvmArgs",
                "-Xmx64m")) {
            String lines = jmh.allLines();

            assertThat(lines)
                    .contains("GreetBenchmark.greeting:loop.alloc.norm")
                    .contains("EchoBenchmark.echo:loop.alloc.norm")
                    .contains("DatagramEchoBenchmark.echo:loop.alloc.norm")
                    .contains("gc.alloc.rate.norm")
                    .doesNotContain("<failure>");
        }
    }

    @Test
    void argumentsAreJmhsOwn() throws IOException {
        try (ChildJvm jmh = ChildJvm.start(Bench.class, "jmh", "-l", "Datagram")) {
            assertThat(jmh.allLines()).isEqualTo("Benchmarks: \nio.headrace.bench.DatagramEchoBenchmark.echo\n");
        }
    }
}

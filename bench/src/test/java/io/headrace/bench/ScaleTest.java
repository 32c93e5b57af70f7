package io.headrace.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScaleTest {
    private final StringWriter out = new StringWriter();

    private int run(String... args) {
        return Bench.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(out))
                .execute(args);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--loops=1,2", "--spread"})
    void saysWhatEachNumberOfLoopsDoes(String option) {
        int status = run("scale", option, "--loops=1,2", "-d", "0.1", "-t", "1");
        assertThat(status).as(out.toString()).isZero();
        assertThat(out.toString()
                        .lines()
                        .filter(line ->
                                line.matches("\\| [12] \\| [12] \\| 1 \\| [\\d,]+ \\| [\\d,]+ \\| 0 \\| \\d+ \\|")))
                .as(out.toString())
                .hasSizeGreaterThanOrEqualTo(2);
    }

    @Test
    void badNumbersAreRefused() {
        assertThat(run("scale", "--loops=0")).isEqualTo(2);
        assertThat(out.toString()).contains("--loops: 1 to 64");
    }
}

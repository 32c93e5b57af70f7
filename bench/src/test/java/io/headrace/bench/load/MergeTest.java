package io.headrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class MergeTest {
    @TempDir
    Path folder;

    private static int run(Object command, StringWriter out, Object... args) {
        String[] words = new String[args.length];
        for (int i = 0; i < args.length; i++) {
            words[i] = args[i].toString();
        }
        return new CommandLine(command)
                .setOut(new PrintWriter(out))
                .setExecutionExceptionHandler((exception, line, parsed) -> {
                    throw exception;
                })
                .execute(words);
    }

    @Test
    void shardsBecomeOneReportThatCanBeReportedAgain() throws Exception {
        Path one = folder.resolve("1.json");
        Path two = folder.resolve("2.json");
        Path both = folder.resolve("both.json");
        try (Served server = Served.tcp(Served::echo)) {
            Loading.of("rate -R 500 -c 4 -d 200ms --warmup 0s --quiet --shard 1/2 --json " + one, server);
            Loading.of("rate -R 500 -c 4 -d 200ms --warmup 0s --quiet --shard 2/2 --json " + two, server);
        }

        StringWriter merged = new StringWriter();
        assertThat(run(new Merge(), merged, one, two, "--json", both, "--slo", "errors<1"))
                .isZero();
        StringWriter again = new StringWriter();
        assertThat(run(new Reread(), again, both)).isZero();

        assertThat(merged.toString())
                .contains("shard merged of 2", "connections  4 opened;", "gate         errors<1: met")
                .isEqualTo(again.toString());
        assertThat(run(new Reread(), new StringWriter(), both, "--slo", "max<1ns"))
                .isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--json", "--csv", "--hlog", "--html"})
    void fileThatCannotBeWrittenIsSaidBeforeTheRun(String option) {
        AtomicInteger connections = new AtomicInteger();
        try (Served server = Served.tcp(() -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext ctx) {
                connections.incrementAndGet();
            }
        })) {
            Path file = folder.resolve("missing").resolve("file");

            Loading loading = Loading.of("echo -d 1m " + option + " " + file, server);

            assertThat(loading.status()).isEqualTo(1);
            assertThat(loading.err()).contains("cannot write " + file);
            assertThat(connections).hasValue(0);
        }
    }

    @Test
    void saysWhichFileItCouldNotRead() throws IOException {
        Path none = folder.resolve("none.json");
        Path bad = Files.writeString(folder.resolve("bad.json"), "{");

        assertThatThrownBy(() -> new ReportFilesOf(none).read()).hasMessage("cannot read " + none + ": no such file");
        assertThatThrownBy(() -> new ReportFilesOf(bad).read())
                .hasMessageStartingWith("cannot read " + bad + ": no JSON at character 1");
    }

    private record ReportFilesOf(Path file) {
        void read() throws IOException {
            ReportFiles files = new ReportFiles();
            new CommandLine(files).parseArgs(file.toString());
            files.read();
        }
    }
}

package io.headrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SoakTest {

    @Test
    void connectionsThatAreHeldToTheEndCount() {
        try (Served server = Served.tcp(Served::echo)) {
            Loading loading = Loading.of("soak -c 300 -d 300ms --interval 100ms --quiet --json -", server);
            Report report = ReportJson.read(loading.out().trim());

            assertThat(loading.status()).isZero();
            assertThat(report.total().count(Count.ANSWERED)).isEqualTo(300);
            assertThat(report.total().count(Count.OPENED)).isEqualTo(300);
            assertThat(report.total().count(Count.BYTES_SENT)).isZero();
            assertThat(report.intervals()).extracting(Interval::open).containsOnly(300);
        }
    }

    @Test
    void itsReportNamesNoSizeOfRequests() {
        try (Served server = Served.tcp(Served::echo)) {
            assertThat(Loading.of("soak -c 2 -d 100ms --quiet", server).out())
                    .startsWith("soak tcp://127.0.0.1:" + server.port() + ": 2 connections, 1 thread, 1");
        }
    }

    @Test
    void connectionsThatBreakAreErrorsAndOpenedAgain() {
        AtomicInteger accepted = new AtomicInteger();
        try (Served server = Served.tcp(() -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext ctx) {
                if (accepted.incrementAndGet()
                        <= 2) { // Not at once: what breaks before all are open is not part of the run.
                    ctx.executor().schedule(() -> ctx.close(), 300, TimeUnit.MILLISECONDS);
                }
            }
        })) {
            Slice total = Loading.of("soak -c 5 -d 3s --quiet --json -", server)
                    .report()
                    .total();

            assertThat(total.errors()).containsOnlyKeys(ErrorKind.EOF);
            assertThat(total.count(Count.FAILED)).isEqualTo(2);
            assertThat(total.count(Count.SENT)).isEqualTo(7);
            assertThat(total.count(Count.ANSWERED)).isEqualTo(5);
            assertThat(total.count(Count.CLOSED_BY_SERVER)).isEqualTo(2);
        }
    }

    @Test
    void memoryOfTheServerIsSaidForEachConnection() {
        try (Served server = Served.tcp(Served::echo)) {
            long pid = ProcessHandle.current().pid();
            Report report = Loading.of("soak -c 50 -d 300ms --interval 100ms --quiet --json - --pid " + pid, server)
                    .report();

            Map<?, ?> memory = (Map<?, ?>) report.about().get("server_memory");
            long before = ((Number) memory.get("before_bytes")).longValue();
            long after = ((Number) memory.get("after_bytes")).longValue();
            assertThat(before).isGreaterThan(10_000_000);
            assertThat(memory.get("connections")).isEqualTo(50L);
            assertThat(memory.get("bytes_per_connection")).isEqualTo((after - before) / 50);
            assertThat(Table.of(report)).contains("with 50 connections: ");
        }
    }

    @Test
    void residentMemoryIsReadInBytes() {
        assertThat(ProcessMemory.parse(List.of("Name:\tjava", "VmRSS:\t  1234 kB")))
                .isEqualTo(1_234 * 1_024);
        assertThat(ProcessMemory.parse(List.of())).isZero();
    }

    @Test
    void thereIsNoWarmUp() {
        CommandLineError.expect("soak --warmup 1s tcp://127.0.0.1:1", "--warmup: not with mode soak");
    }
}

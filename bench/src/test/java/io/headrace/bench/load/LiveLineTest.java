package io.headrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LiveLineTest {
    private static final long S = 1_000_000_000;
    private static final long MS = 1_000_000;

    private static String line(boolean asks, String rate, Interval interval) {
        StringWriter out = new StringWriter();
        new LiveLine(new PrintWriter(out), asks, rate).accept(interval);
        return out.toString().stripTrailing();
    }

    @Test
    void intervalOfRequestsIsOneLine() {
        Slice slice = new Slice();
        slice.record(Timing.RESPONSE, MS, 900);
        slice.record(Timing.RESPONSE, 2 * MS, 95);
        slice.record(Timing.RESPONSE, 3 * MS, 4);
        slice.record(Timing.RESPONSE, 4 * MS);
        slice.record(Timing.SEND_LAG, 10_000, 980);
        slice.record(Timing.SEND_LAG, 50_000, 20);
        slice.count(Count.ANSWERED, 1_000);
        slice.count(Count.SENT, 1_001);
        slice.error(ErrorKind.EOF, 3, "");

        assertThat(line(true, "1k", new Interval(S, S, false, slice, 7, 0.5)))
                .isEqualTo("          2.0 s  rate 1,000/s of 1k/s  p50 1.00 ms  p99 2.00 ms  p99.9 3.00 ms  max 4.00 ms"
                        + "  connections 7  errors 3  send lag p99 50.0 us");
    }

    @Test
    void intervalWithoutAnAnswerIsStillOneOfRequests() {
        Slice slice = new Slice();
        slice.error(ErrorKind.REFUSED, 10, "");

        assertThat(line(true, "1k", new Interval(0, S, false, slice, 0, 0)))
                .isEqualTo("          1.0 s  rate 0.0/s of 1k/s  p50 0 s  p99 0 s  p99.9 0 s  max 0 s"
                        + "  connections 0  errors 10");
    }

    @Test
    void intervalOfBytesSaysHowMany() {
        Slice slice = new Slice();
        slice.count(Count.BYTES_SENT, 4_096);
        slice.count(Count.SENT, 3);

        assertThat(line(false, null, new Interval(-S, S / 2, true, slice, 3, 0)))
                .isEqualTo("warm-up  -0.5 s  sent 8.00 KiB/s  received 0 B/s  connections 3  errors 0");
    }

    @ParameterizedTest
    @CsvSource({"2000, 1/2, 1200", "2000, 2/2, 800", "100:1k, 1/2, 60:600", "1k, 1/1, 1k"})
    void shardIsHeldAgainstItsOwnPartOfTheRate(String rate, String shard, String own) {
        Plan plan = Plans.rate(OpenFlow::new, rate, "-c 5 --shard " + shard, "tcp://127.0.0.1:1");

        assertThat(plan.ownRate()).isEqualTo(own);
        assertThat(Table.of(new Report(
                        Site.about(plan), Instant.EPOCH, S, new Slice(), List.of(), Report.Pace.NONE, false)))
                .contains(" sent (0.0/s of " + own + "/s)");
    }
}

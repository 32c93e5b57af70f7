package io.headrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.Test;

class ReportTest {
    private static final long S = 1_000_000_000;

    private static Report report(Slice total, List<String> gates, Report.Pace pace) {
        Map<String, Object> about = ReportJson.ordered(
                "command",
                "headrace load rate",
                "mode",
                "rate",
                "targets",
                List.of("tcp://h:1"),
                "rate",
                "1k",
                "size",
                64L,
                "threads",
                1L,
                "connections",
                2L,
                "warmup",
                "0.00 us",
                "interval",
                "1.00 s",
                "shard",
                "1/1",
                "slo",
                gates);
        List<Interval> intervals =
                List.of(new Interval(-S, S, true, new Slice(), 2, 0.5), new Interval(0, S, false, total, 2, 0.25));
        return new Report(about, Instant.parse("2026-01-31T12:00:00Z"), S, total, intervals, pace, false);
    }

    private static Report report(Slice total, String... gates) {
        return report(total, List.of(gates), new Report.Pace(0, 0, 0));
    }

    private static Slice random(long seed) {
        Random random = new Random(seed);
        Slice slice = new Slice();
        for (int i = 0; i < 1_000; i++) {
            slice.record(Timing.RESPONSE, (long) Math.exp(random.nextDouble() * 30));
            slice.record(Timing.SERVICE, random.nextInt(1_000_000));
            slice.count(Count.ANSWERED, 1);
        }
        slice.error(ErrorKind.CONNECT_TIMEOUT, seed, "the " + seed + "th");
        return slice;
    }

    private static void same(Slice a, Slice b) {
        for (Timing timing : Timing.values()) {
            assertThat(a.histogram(timing)).isEqualTo(b.histogram(timing));
        }
        for (Count what : Count.values()) {
            assertThat(a.count(what)).isEqualTo(b.count(what));
        }
        assertThat(a.errors()).isEqualTo(b.errors());
    }

    @Test
    void jsonKeepsEverything() {
        Report report = report(random(1), List.of("p99<1s"), new Report.Pace(7, 5, 0.75));

        Report read = ReportJson.read(ReportJson.write(report));

        same(read.total(), report.total());
        assertThat(read.about()).isEqualTo(report.about());
        assertThat(read.started()).isEqualTo(report.started());
        assertThat(read.pace()).isEqualTo(report.pace());
        assertThat(read.intervals()).hasSize(2);
        same(read.intervals().get(1).slice(), report.total());
        assertThat(read.intervals().get(0).warm()).isTrue();
    }

    @Test
    void mergedShardsAreOneRunBucketByBucket() {
        List<Report> shards = new ArrayList<>();
        Slice whole = new Slice();
        for (int i = 1; i <= 3; i++) {
            whole.add(random(i));
            shards.add(ReportJson.read(ReportJson.write(report(random(i)))));
        }

        Report merged = Report.merge(shards);

        same(merged.total(), whole);
        assertThat(merged.intervals()).hasSize(2);
        same(merged.intervals().get(1).slice(), whole);
        assertThat(merged.measuredNs()).isEqualTo(S);
        assertThat(merged.intervals().get(1).open()).isEqualTo(6);
        // A percentile of all, not a mean of percentiles.
        assertThat(merged.total().histogram(Timing.RESPONSE).getValueAtPercentile(99))
                .isEqualTo(whole.histogram(Timing.RESPONSE).getValueAtPercentile(99));
    }

    @Test
    void reportsOfDifferentRunsAreNotMerged() {
        Report other = report(random(1));
        other.about().put("size", 65L);

        assertThatThrownBy(() -> Report.merge(List.of(report(random(1)), other)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("not of one run: size is '64' in the first file and '65' in another");
    }

    @Test
    void noReportIsSaidToBeNone() {
        assertThatThrownBy(() -> ReportJson.read("{\"format\":\"other\"}"))
                .hasMessage("format: other (expected: headrace-load/1, as --json writes it)");
        assertThatThrownBy(() -> ReportJson.read("{\"format\":\"headrace-load/1\"}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("no report: ");
    }

    @Test
    void noValueIsDroppedOrCapped() {
        Slice slice = new Slice();
        slice.record(Timing.RESPONSE, 0);
        slice.record(Timing.RESPONSE, 36_000 * S);

        Histogram histogram = slice.histogram(Timing.RESPONSE);
        assertThat(histogram.getTotalCount()).isEqualTo(2);
        assertThat(histogram.getMaxValue()).isGreaterThanOrEqualTo(36_000 * S);
    }

    @Test
    void csvHasALineForEachInterval() {
        String[] lines = CsvFile.of(report(random(3))).split("\n");

        assertThat(lines).hasSize(3);
        assertThat(lines[0]).startsWith("from_ns,length_ns,warm,").contains(",error_connect_timeout,");
        assertThat(lines[2].split(",", -1)).hasSameSizeAs(lines[0].split(",", -1));
        assertThat(lines[2]).startsWith("0,1000000000,false,2,0.25,");
    }

    @Test
    void histogramLogIsReadByItsOwnReader() {
        Slice total = random(2);
        HistogramLogReader log = new HistogramLogReader(
                new java.io.ByteArrayInputStream(HistogramFile.of(report(total)).getBytes()));

        Histogram response = (Histogram) log.nextIntervalHistogram();
        Histogram service = (Histogram) log.nextIntervalHistogram();

        assertThat(response.getTag()).isEqualTo("response");
        assertThat(response).isEqualTo(total.histogram(Timing.RESPONSE));
        assertThat(service).isEqualTo(total.histogram(Timing.SERVICE));
        assertThat(log.nextIntervalHistogram()).isNull();
    }

    @Test
    void gatesSayWhatTheyFound() {
        Slice slice = new Slice();
        for (int ms = 1; ms <= 100; ms++) {
            slice.record(Timing.RESPONSE, ms * 1_000_000L);
        }
        slice.count(Count.SENT, 200);
        slice.count(Count.ANSWERED, 100);
        slice.error(ErrorKind.EOF, 2, "");
        Report report = report(
                slice, "p50<51ms", "p50<50ms", "max<=1s", "errors<2%", "errors<=2", "rate>=100", "rate>100", "mean<1s");

        assertThat(Gate.results(report))
                .extracting(Gate.Result::met)
                .containsExactly(true, false, true, true, true, true, false, true);
        assertThat(Gate.results(report).get(3).value()).isEqualTo("1.000 %");
    }

    @Test
    void gatesCountRequestsThatGotNoAnswer() {
        Slice slice = new Slice();
        for (int i = 0; i < 90; i++) {
            slice.record(Timing.RESPONSE, 1_000_000);
        }
        for (int i = 0; i < 10; i++) {
            slice.record(Timing.UNANSWERED, S);
        }

        assertThat(Gate.results(report(slice, "p99<2ms")).get(0).met()).isFalse();
    }

    @Test
    void badGatesSayWhatIsExpected() {
        for (String bad : List.of("p99", "p100<1s", "p99<fast", "errors<x%", "lost=1", "")) {
            assertThatThrownBy(() -> Gate.parse(bad))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("--slo: " + bad + " (expected: as p99<50ms, ");
        }
    }

    @Test
    void generatorIsLimitedWhenItWasLateSlowOrBusy() {
        Slice late = new Slice();
        late.record(Timing.RESPONSE, 1_000);
        late.record(Timing.SEND_LAG, 110);
        Slice intime = new Slice();
        intime.record(Timing.RESPONSE, 1_000);
        intime.record(Timing.SEND_LAG, 90);

        assertThat(Verdict.of(report(late)).limited()).isTrue();
        assertThat(Verdict.of(report(intime)).limited()).isFalse();
        assertThat(Verdict.of(report(intime, List.of(), new Report.Pace(1_000, 989, 0.1)))
                        .limited())
                .isTrue();
        assertThat(Verdict.of(report(intime, List.of(), new Report.Pace(1_000, 990, 0.1)))
                        .limited())
                .isFalse();
        assertThat(Verdict.of(report(intime, List.of(), new Report.Pace(0, 0, 0.91)))
                        .limited())
                .isTrue();
    }

    @Test
    void tableSaysWhatCountsAndWhy() {
        Report report = report(random(2), List.of("p50<1ns"), new Report.Pace(100, 10, 0.1));

        assertThat(Table.of(report))
                .contains("rate tcp://h:1: 2 connections, 1 thread, 64 B, 1.00 s after 0.00 us of warm-up")
                .contains("error        connect timeout: 2, first: the 2th")
                .contains("gate         p50<1ns: BROKEN, it is ")
                .contains("GENERATOR LIMITED, these numbers say nothing about the server: 90 requests of 100 fell due");
    }
}

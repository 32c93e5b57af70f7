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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
                "0 s",
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
        return report(total, List.of(gates), Report.Pace.NONE);
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
        Report report = report(random(1), List.of("p99<1s"), new Report.Pace(7, 5, 0.75, 9));

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
            shards.add(ReportJson.read(ReportJson.write(shard(i + "/3", random(i)))));
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

    private static Report shard(String shard, Slice total) {
        Report report = report(total);
        report.about().put("shard", shard);
        return report;
    }

    private static void refused(String message, Report... shards) {
        assertThatThrownBy(() -> Report.merge(List.of(shards)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mode",
                "targets",
                "rate",
                "connections",
                "window",
                "size",
                "warmup",
                "duration",
                "interval",
                "timeout"
            })
    void reportsOfDifferentLoadsAreNotMerged(String what) {
        Report one = shard("1/2", random(1));
        Report two = shard("2/2", random(2));
        one.about().put(what, "this");
        two.about().put(what, "that");

        refused("not of one run: " + what + " is 'this' in the first file and 'that' in another", one, two);
    }

    @Test
    void shardsAreMergedWhenEachIsThereOnce() {
        Report one = shard("1/2", random(1));

        refused("not of one run: shard 1/2 is there twice", one, one);
        refused("not the whole run: shard 2/2 is missing", one);
        refused("not of one run: shards 1/2 and 1/1", one, shard("1/1", random(2)));
        refused("not of one run: shards 1/2 and 2/3", one, shard("2/3", random(2)));
        refused("not a shard: 'merged of 2' (expected: I/N, from a run with --shard)", shard("merged of 2", random(1)));
        assertThat(Report.merge(List.of(shard("1/1", random(1)))).about("shard"))
                .isEqualTo("1/1");
    }

    private static Report dropping(String shard, String machine, long drops) {
        Report report = shard(shard, random(1));
        report.about().put("machine", machine);
        report.about().put("kernel_drops", ReportJson.ordered("RcvbufErrors", drops));
        return report;
    }

    @Test
    void dropsOfEachMachineAreAddedUpOnce() {
        Report merged =
                Report.merge(List.of(dropping("1/3", "one", 10), dropping("2/3", "two", 5), dropping("3/3", "one", 7)));

        assertThat(merged.about().get("kernel_drops")).isEqualTo(Map.of("RcvbufErrors", 15L));
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
    void csvHasPercentilesAndNotMeans() {
        Slice slice = new Slice();
        slice.record(Timing.RESPONSE, 1_000, 89);
        slice.record(Timing.RESPONSE, 2_000, 9);
        slice.record(Timing.RESPONSE, 500_000);
        slice.record(Timing.RESPONSE, 900_000);
        String[] lines = CsvFile.of(report(slice)).split("\n");
        List<String> names = List.of(lines[0].split(","));
        String[] values = lines[2].split(",", -1);

        assertThat(values[names.indexOf("response_p50_ns")]).isEqualTo("1000");
        assertThat(values[names.indexOf("response_p90_ns")]).isEqualTo("2000");
        assertThat(values[names.indexOf("response_p99_ns")]).startsWith("500");
        assertThat(values[names.indexOf("response_p99.9_ns")]).startsWith("900");
        assertThat(values[names.indexOf("response_max_ns")]).startsWith("900");
        assertThat(values[names.indexOf("service_p50_ns")]).isEmpty();
    }

    @Test
    void histogramLogSaysWhenEachIntervalWas() {
        HistogramLogReader log = new HistogramLogReader(new java.io.ByteArrayInputStream(
                HistogramFile.of(report(random(2))).getBytes()));

        Histogram response = (Histogram) log.nextIntervalHistogram();

        // The run began with a warm-up of a second.
        long startedMs = Instant.parse("2026-01-31T12:00:00Z").toEpochMilli();
        assertThat(response.getStartTimeStamp()).isEqualTo(startedMs + 1_000);
        assertThat(response.getEndTimeStamp()).isEqualTo(startedMs + 2_000);
    }

    @Test
    void histogramLogIsReadWhateverTheCommandWas() {
        Report report = report(random(2));
        report.about().put("command", "headrace load echo -m one\ntwo");
        HistogramLogReader log = new HistogramLogReader(
                new java.io.ByteArrayInputStream(HistogramFile.of(report).getBytes()));

        assertThat(log.nextIntervalHistogram()).isEqualTo(report.total().histogram(Timing.RESPONSE));
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
    void whatWasNeverTimedKeepsNoGate() {
        Gate.Result result = Gate.results(report(new Slice(), "p99<2ms")).get(0);

        assertThat(result.met()).isFalse();
        assertThat(result.value()).isEqualTo("unknown: nothing was timed");
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
        assertThat(Verdict.of(report(intime, List.of(), new Report.Pace(1_000, 989, 0.1, 9)))
                        .limited())
                .isTrue();
        assertThat(Verdict.of(report(intime, List.of(), new Report.Pace(1_000, 990, 0.1, 9)))
                        .limited())
                .isFalse();
        assertThat(Verdict.of(report(intime, List.of(), new Report.Pace(0, 0, 0.91, 9)))
                        .limited())
                .isTrue();
    }

    @Test
    void tableSaysWhatCountsAndWhy() {
        Report report = report(random(2), List.of("p50<1ns"), new Report.Pace(100, 10, 0.1, 9));

        assertThat(Table.of(report))
                .contains("rate tcp://h:1: 2 connections, 1 thread, 64 B, 1.00 s after 0 s of warm-up")
                .contains("error        connect timeout: 2, first: the 2th")
                .contains("gate         p50<1ns: BROKEN, it is ")
                .contains("GENERATOR LIMITED, these numbers say nothing about the server: 90 requests of 100 fell due");
    }
}

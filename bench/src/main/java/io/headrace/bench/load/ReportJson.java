package io.headrace.bench.load;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/** A report as JSON and back. Nothing is lost: histograms travel whole, in HdrHistogram's own compressed form. */
final class ReportJson {
    static final String FORMAT = "headrace-load/1";

    private static final double[] PERCENTILES = {50, 75, 90, 99, 99.9, 99.99};

    private ReportJson() {}

    // ---- Writing
    // -----------------------------------------------------------------------------------------------------

    static String write(Report report) {
        return Json.write(json(report));
    }

    static Map<String, Object> json(Report report) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("format", FORMAT);
        json.put("about", report.about());
        json.put("started", report.started());
        json.put("measured_ns", report.measuredNs());
        json.put("interrupted", report.interrupted());
        json.put("sent_per_s", report.perSecond(Count.SENT));
        json.put("answered_per_s", report.perSecond(Count.ANSWERED));
        json.put(
                "pace",
                ordered(
                        "expected", report.pace().expected(),
                        "paced", report.pace().paced(),
                        "busy", report.pace().busy(),
                        "cpu_ns", report.pace().cpuNs()));
        json.put("generator_limited", Verdict.of(report).reasons());
        json.put("gates", Gate.results(report).stream().map(Gate.Result::json).toList());
        json.put("total", slice(report.total()));
        json.put(
                "intervals",
                report.intervals().stream().map(interval -> interval(interval)).toList());
        return json;
    }

    static Map<String, Object> ordered(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }

    private static Map<String, Object> interval(Interval interval) {
        Map<String, Object> json = ordered(
                "from_ns", interval.fromNs(),
                "length_ns", interval.lengthNs(),
                "warm", interval.warm(),
                "open", interval.open(),
                "busy", interval.busy());
        json.putAll(slice(interval.slice()));
        return json;
    }

    private static Map<String, Object> slice(Slice slice) {
        Map<String, Object> counts = new LinkedHashMap<>();
        for (Count what : Count.values()) {
            counts.put(what.key(), slice.count(what));
        }
        List<Object> errors = new ArrayList<>();
        slice.errors()
                .forEach(
                        (kind, all) -> errors.add(ordered("kind", kind, "count", all.count(), "sample", all.sample())));
        Map<String, Object> histograms = new LinkedHashMap<>();
        for (Timing timing : Timing.values()) {
            Histogram histogram = slice.histogram(timing);
            if (histogram.getTotalCount() > 0) {
                histograms.put(timing.key(), histogram(histogram));
            }
        }
        return ordered("counts", counts, "errors", errors, "histograms", histograms);
    }

    private static Map<String, Object> histogram(Histogram histogram) {
        Map<String, Object> json = ordered(
                "count", histogram.getTotalCount(),
                "min_ns", histogram.getMinValue(),
                "mean_ns", histogram.getMean(),
                "max_ns", histogram.getMaxValue());
        for (double percentile : PERCENTILES) {
            json.put("p" + Units.percentile(percentile) + "_ns", histogram.getValueAtPercentile(percentile));
        }
        ByteBuffer bytes = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(bytes);
        json.put("hdr", Base64.getEncoder().encodeToString(Arrays.copyOf(bytes.array(), length)));
        return json;
    }

    // ---- Reading
    // -----------------------------------------------------------------------------------------------------

    /** @throws IllegalArgumentException when it is no report */
    static Report read(String text) {
        try {
            Map<String, Object> json = map(Json.read(text));
            if (!FORMAT.equals(json.get("format"))) {
                throw new IllegalArgumentException(
                        "format: " + json.get("format") + " (expected: " + FORMAT + ", as --json writes it)");
            }
            List<Interval> intervals = new ArrayList<>();
            for (Object each : (List<?>) json.get("intervals")) {
                intervals.add(interval(map(each)));
            }
            return new Report(
                    map(json.get("about")),
                    Instant.parse((String) json.get("started")),
                    whole(json.get("measured_ns")),
                    slice(map(json.get("total"))),
                    intervals,
                    pace(map(json.get("pace"))),
                    (Boolean) json.get("interrupted"));
        } catch (ClassCastException | NullPointerException | DataFormatException | ArrayIndexOutOfBoundsException bad) {
            throw new IllegalArgumentException("no report: " + bad.getMessage(), bad);
        }
    }

    private static Report.Pace pace(Map<String, Object> json) {
        // Older versions did not say what processor time they took.
        return new Report.Pace(
                whole(json.get("expected")),
                whole(json.get("paced")),
                real(json.get("busy")),
                whole(json.getOrDefault("cpu_ns", 0L)));
    }

    private static Interval interval(Map<String, Object> json) throws DataFormatException {
        return new Interval(
                whole(json.get("from_ns")),
                whole(json.get("length_ns")),
                (Boolean) json.get("warm"),
                slice(json),
                (int) whole(json.get("open")),
                real(json.get("busy")));
    }

    private static Slice slice(Map<String, Object> json) throws DataFormatException {
        Slice slice = new Slice();
        Map<String, Object> counts = map(json.get("counts"));
        for (Count what : Count.values()) {
            // A count that an older version did not have is none.
            slice.count(what, whole(counts.getOrDefault(what.key(), 0L)));
        }
        for (Object each : (List<?>) json.get("errors")) {
            Map<String, Object> error = map(each);
            slice.error(ErrorKind.named((String) error.get("kind")), whole(error.get("count")), (String)
                    error.get("sample"));
        }
        Map<String, Object> histograms = map(json.get("histograms"));
        for (Timing timing : Timing.values()) {
            if (histograms.get(timing.key()) != null) {
                byte[] bytes = Base64.getDecoder()
                        .decode((String) map(histograms.get(timing.key())).get("hdr"));
                slice.histogram(timing).add(Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(bytes), 1));
            }
        }
        return slice;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object json) {
        return (Map<String, Object>) json;
    }

    private static long whole(Object json) {
        return ((Number) json).longValue();
    }

    private static double real(Object json) {
        return ((Number) json).doubleValue();
    }
}

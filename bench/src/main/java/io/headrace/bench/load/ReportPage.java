package io.headrace.bench.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/** Reports as a page: their JSON, and what its charts want computed. */
final class ReportPage {
    private static final int TICKS_PER_HALF = 5;
    private static final int CELLS_PER_POWER = 10;
    private static final double S = 1e9;
    private static final int MOST_PERCENT = 100;

    private ReportPage() {}

    static String of(List<Report> reports) {
        List<Object> runs = new ArrayList<>();
        for (Report report : reports) {
            runs.add(run(report));
        }
        return Page.of("headrace load", ReportPage.class, "report.js", runs);
    }

    private static Map<String, Object> run(Report report) {
        Map<String, Object> run = ReportJson.json(report);
        for (Timing timing : Timing.values()) {
            Map<String, Object> histogram = at(at(run, "total"), "histograms", timing.key());
            if (histogram != null) {
                histogram.put("spectrum", spectrum(report.total().histogram(timing)));
            }
        }
        List<?> intervals = (List<?>) run.get("intervals");
        for (int i = 0; i < intervals.size(); i++) {
            map(intervals.get(i))
                    .put("heat", heat(report.intervals().get(i).slice().histogram(Timing.RESPONSE)));
        }
        if (report.openLoop()) {
            run.put("target", target(report));
        }
        return run;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object json) {
        return (Map<String, Object>) json;
    }

    private static Map<String, Object> at(Map<String, Object> json, String... keys) {
        Map<String, Object> found = json;
        for (String key : keys) {
            found = map(found.get(key));
        }
        return found;
    }

    /** Percentiles and their values, closer the nearer to the slowest. */
    private static List<Object> spectrum(Histogram histogram) {
        List<Object> points = new ArrayList<>();
        for (HistogramIterationValue value : histogram.percentiles(TICKS_PER_HALF)) {
            points.add(
                    List.of(Math.min(MOST_PERCENT, value.getPercentileLevelIteratedTo()), value.getValueIteratedTo()));
        }
        return points;
    }

    /** How many values there are in each tenth of a power of ten, by where it begins. */
    private static List<Object> heat(Histogram histogram) {
        Map<Long, Long> cells = new TreeMap<>();
        for (HistogramIterationValue value : histogram.recordedValues()) {
            long cell = (long) Math.floor(Math.log10(Math.max(1, value.getValueIteratedTo())) * CELLS_PER_POWER);
            cells.merge(cell, value.getCountAtValueIteratedTo(), Long::sum);
        }
        List<Object> rows = new ArrayList<>();
        cells.forEach((cell, count) -> rows.add(List.of(Math.pow(10, (double) cell / CELLS_PER_POWER), count)));
        return rows;
    }

    /** The rate that was asked for: seconds and requests a second, from the beginning to the end. */
    private static List<Object> target(Report report) {
        PaceOption.Pace pace = PaceOption.pace(report.about("rate"));
        double share = report.share();
        double from =
                report.intervals().stream().mapToDouble(Interval::fromNs).min().orElse(0) / S;
        return List.of(
                List.of(from, pace.from() * share),
                List.of(0.0, pace.from() * share),
                List.of(report.measuredNs() / S, pace.to() * share));
    }
}

package io.headrace.bench.load;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** The intervals of a report as comma-separated values, one line each; times in nanoseconds. */
final class CsvFile {
    private static final double[] PERCENTILES = {50, 90, 99, 99.9};

    private CsvFile() {}

    static String of(Report report) {
        StringBuilder csv = new StringBuilder(String.join(",", header())).append('\n');
        for (Interval interval : report.intervals()) {
            csv.append(String.join(",", row(interval))).append('\n');
        }
        return csv.toString();
    }

    private static List<String> header() {
        List<String> names = new ArrayList<>(List.of("from_ns", "length_ns", "warm", "open", "busy"));
        for (Count what : Count.values()) {
            names.add(what.key());
        }
        for (ErrorKind kind : ErrorKind.values()) {
            names.add("error_" + kind.toString().replace(' ', '_'));
        }
        for (Timing timing : Timing.values()) {
            for (double percentile : PERCENTILES) {
                names.add(timing.key() + "_p" + Units.percentile(percentile) + "_ns");
            }
            names.add(timing.key() + "_max_ns");
        }
        return names;
    }

    private static List<String> row(Interval interval) {
        List<String> row = new ArrayList<>(List.of(
                Long.toString(interval.fromNs()),
                Long.toString(interval.lengthNs()),
                Boolean.toString(interval.warm()),
                Integer.toString(interval.open()),
                Double.toString(interval.busy())));
        Slice slice = interval.slice();
        for (Count what : Count.values()) {
            row.add(Long.toString(slice.count(what)));
        }
        for (ErrorKind kind : ErrorKind.values()) {
            Slice.Errors errors = slice.errors().get(kind);
            row.add(Long.toString(errors == null ? 0 : errors.count()));
        }
        for (Timing timing : Timing.values()) {
            Histogram histogram = slice.histogram(timing);
            for (double percentile : PERCENTILES) {
                row.add(empty(histogram) ? "" : Long.toString(histogram.getValueAtPercentile(percentile)));
            }
            row.add(empty(histogram) ? "" : Long.toString(histogram.getMaxValue()));
        }
        return row;
    }

    private static boolean empty(Histogram histogram) {
        return histogram.getTotalCount() == 0;
    }
}

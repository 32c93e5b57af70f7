package io.headrace.bench.load;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;

/** The measured intervals of a report as an HdrHistogram log, in nanoseconds, one tag per histogram: what other tools read. */
final class HistogramFile {
    private static final double MS = 1e6;

    private HistogramFile() {}

    static String of(Report report) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        long startedMs = report.started().toEpochMilli();
        try (PrintStream out = new PrintStream(bytes, false, StandardCharsets.UTF_8)) {
            HistogramLogWriter log = new HistogramLogWriter(out);
            // A line feed would begin a line that is neither a comment nor an interval.
            log.outputComment("[" + report.about("command").replaceAll("\\p{Cntrl}", " ") + "]");
            log.outputLogFormatVersion();
            log.setBaseTime(startedMs);
            log.outputBaseTime(startedMs);
            log.outputLegend();
            long firstNs =
                    report.intervals().isEmpty() ? 0 : report.intervals().get(0).fromNs();
            for (Interval interval : report.intervals()) {
                for (Timing timing : Timing.values()) {
                    Histogram histogram = interval.slice().histogram(timing);
                    if (!interval.warm() && histogram.getTotalCount() > 0) {
                        histogram = histogram.copy();
                        histogram.setTag(timing.key());
                        histogram.setStartTimeStamp(startedMs + Math.round((interval.fromNs() - firstNs) / MS));
                        histogram.setEndTimeStamp(
                                startedMs + Math.round((interval.fromNs() - firstNs + interval.lengthNs()) / MS));
                        log.outputIntervalHistogram(histogram);
                    }
                }
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}

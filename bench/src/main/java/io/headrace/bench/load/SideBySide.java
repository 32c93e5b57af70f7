package io.headrace.bench.load;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/** Reports of runs in columns, with ratios to the first. */
public final class SideBySide {
    private static final String NAME = "%-14s";
    private static final String CELL = "  %20s";
    private static final double[] PERCENTILES = {50, 90, 99, 99.9};
    private static final double PERCENT = 100;

    private final List<Path> files;
    private final List<Report> reports;
    private final List<String> lines = new ArrayList<>();

    private SideBySide(List<Path> files, List<Report> reports) {
        this.files = files;
        this.reports = reports;
    }

    /**
     * Reads files that {@code --json} wrote.
     *
     * @throws IOException saying which file could not be read, and why
     * @throws IllegalArgumentException when they are of different modes
     */
    public static SideBySide read(List<Path> files) throws IOException {
        List<Report> reports = ReportFiles.read(files);
        for (Report report : reports) {
            if (!report.about("mode").equals(reports.get(0).about("mode"))) {
                throw new IllegalArgumentException("not comparable: a run of "
                        + reports.get(0).about("mode") + " and one of " + report.about("mode"));
            }
        }
        return new SideBySide(files, reports);
    }

    /** What this machine and this JVM are, as every report has it. */
    public static Map<String, Object> machine() {
        return Site.machineAndVersions();
    }

    /** As a page that draws them over each other: that of {@code plot}. */
    public String page() {
        return ReportPage.of(reports);
    }

    /** As a table. */
    public String text() {
        lines.clear();
        StringBuilder head =
                new StringBuilder(String.format(NAME, reports.get(0).about("mode")));
        files.forEach(file -> head.append(String.format(CELL, file.getFileName())));
        lines.add(head.toString());
        words("targets");
        words("connections");
        words("rate");
        numbers("answered/s", report -> report.perSecond(Count.ANSWERED), Units::perSecond);
        for (double percentile : PERCENTILES) {
            numbers(
                    "p" + Units.percentile(percentile),
                    report -> responses(report).getValueAtPercentile(percentile),
                    Units::time);
        }
        numbers("max", report -> responses(report).getMaxValue(), Units::time);
        numbers("errors", report -> report.total().allErrors(), value -> Units.number((long) value));
        numbers("unfinished", report -> report.total().count(Count.UNFINISHED), value -> Units.number((long) value));
        if (reports.stream().allMatch(report -> report.about().get("server_cpu") instanceof Map<?, ?>)) {
            numbers("CPU/answer", SideBySide::cpu, Units::time);
        }
        numbers(
                "generator",
                report -> report.pace().busy() * PERCENT,
                value -> String.format(Locale.ROOT, "%.0f %%", value));
        for (int i = 0; i < reports.size(); i++) {
            for (String reason : Verdict.of(reports.get(i)).reasons()) {
                lines.add("GENERATOR LIMITED in " + files.get(i).getFileName() + ": " + reason);
            }
        }
        return String.join("\n", lines);
    }

    /** What gates judge, too: a run that answered less is not the quicker one. */
    private static Histogram responses(Report report) {
        return report.total().everyRequest();
    }

    private static double cpu(Report report) {
        return ((Number) ((Map<?, ?>) report.about().get("server_cpu")).get("ns_per_answer")).doubleValue();
    }

    private void words(String key) {
        if (reports.stream().anyMatch(report -> !report.about(key).isEmpty())) {
            StringBuilder line = new StringBuilder(String.format(NAME, key));
            reports.forEach(report -> line.append(String.format(CELL, report.about(key))));
            lines.add(line.toString());
        }
    }

    private interface Shown {
        String of(double value);
    }

    private void numbers(String name, ToDoubleFunction<Report> number, Shown shown) {
        StringBuilder line = new StringBuilder(String.format(NAME, name));
        double first = number.applyAsDouble(reports.get(0));
        for (int i = 0; i < reports.size(); i++) {
            double value = number.applyAsDouble(reports.get(i));
            String ratio = i == 0 || first == 0 ? "" : String.format(Locale.ROOT, " (x%.3f)", value / first);
            line.append(String.format(CELL, shown.of(value) + ratio));
        }
        lines.add(line.toString());
    }
}

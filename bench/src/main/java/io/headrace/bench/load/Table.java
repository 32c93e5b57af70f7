package io.headrace.bench.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** A report as text. */
final class Table {
    private static final String ROW = "%-12s %9s %9s %9s %9s %9s %9s %12s";
    private static final int P50 = 50;
    private static final int P90 = 90;
    private static final int P99 = 99;
    private static final double P999 = 99.9;
    private static final double PERCENT = 100;

    private Table() {}

    static String of(Report report) {
        List<String> lines = new ArrayList<>();
        lines.add(head(report));
        lines.add(String.format(ROW, "", "p50", "p90", "p99", "p99.9", "max", "mean", "count"));
        for (Timing timing : Timing.values()) {
            Histogram histogram = report.total().histogram(timing);
            if (histogram.getTotalCount() > 0) {
                lines.add(row(timing, histogram));
            }
        }
        if (!report.about("mode").equals("bulk")) {
            lines.add(requests(report));
        }
        lines.add("bytes        " + Units.bytes(report.total().count(Count.BYTES_SENT)) + " sent ("
                + Units.bytes(report.perSecond(Count.BYTES_SENT)) + "/s), "
                + Units.bytes(report.total().count(Count.BYTES_RECEIVED)) + " received ("
                + Units.bytes(report.perSecond(Count.BYTES_RECEIVED)) + "/s)");
        lines.add(connections(report));
        if (report.about("mode").equals("udp")) {
            lines.add(datagrams(report));
        }
        report.total()
                .errors()
                .forEach((kind, all) -> lines.add(String.format(
                        Locale.ROOT, "error        %s: %s, first: %s", kind, Units.number(all.count()), all.sample())));
        lines.add(tool(report));
        for (Gate.Result gate : Gate.results(report)) {
            lines.add("gate         " + gate.gate().text() + ": " + (gate.met() ? "met" : "BROKEN") + ", it is "
                    + gate.value());
        }
        if (report.about().get("server_memory") instanceof Map<?, ?> memory) {
            lines.add(String.format(
                    Locale.ROOT,
                    "memory       of the server (process %s) %s before, %s with %s connections: %s each",
                    memory.get("pid"),
                    Units.bytes(((Number) memory.get("before_bytes")).doubleValue()),
                    Units.bytes(((Number) memory.get("after_bytes")).doubleValue()),
                    memory.get("connections"),
                    Units.bytes(((Number) memory.get("bytes_per_connection")).doubleValue())));
        }
        if (report.about().get("server_cpu") instanceof Map<?, ?> used) {
            lines.add(String.format(
                    Locale.ROOT,
                    "server       process %s used %s of processor time for each answer, %.0f %% of a core",
                    used.get("pid"),
                    Units.time(((Number) used.get("ns_per_answer")).doubleValue()),
                    ((Number) used.get("cores")).doubleValue() * PERCENT));
        }
        if (report.about().get("find") instanceof Map<?, ?> found) {
            lines.add("highest rate that keeps the gates: " + found.get("highest") + "; limited by "
                    + found.get("limited_by"));
        }
        for (String reason : Verdict.of(report).reasons()) {
            lines.add("GENERATOR LIMITED, these numbers say nothing about the server: " + reason);
        }
        if (report.interrupted()) {
            lines.add("INTERRUPTED: this is what was measured until then");
        }
        return String.join("\n", lines);
    }

    private static String head(Report report) {
        String targets = String.join(
                " ",
                ((List<?>) report.about().get("targets"))
                        .stream().map(Object::toString).toList());
        return report.about("mode") + " " + targets + ": " + several(report, "connections") + ", "
                + several(report, "threads") + ", "
                + (report.about("size").equals("0") ? "" : report.about("size") + " B, ")
                + Units.time(report.measuredNs()) + " after " + report.about("warmup") + " of warm-up"
                + (report.about("shard").equals("1/1") ? "" : ", shard " + report.about("shard"));
    }

    private static String several(Report report, String what) {
        String count = report.about(what);
        return count + " " + (count.equals("1") ? what.substring(0, what.length() - 1) : what);
    }

    private static String row(Timing timing, Histogram histogram) {
        return String.format(
                ROW,
                timing,
                Units.time(histogram.getValueAtPercentile(P50)),
                Units.time(histogram.getValueAtPercentile(P90)),
                Units.time(histogram.getValueAtPercentile(P99)),
                Units.time(histogram.getValueAtPercentile(P999)),
                Units.time(histogram.getMaxValue()),
                Units.time(histogram.getMean()),
                Units.number(histogram.getTotalCount()));
    }

    private static String requests(Report report) {
        Slice total = report.total();
        String line = "requests     " + Units.number(total.count(Count.SENT)) + " sent ("
                + Units.perSecond(report.perSecond(Count.SENT))
                + (report.openLoop()
                        ? " of " + PaceOption.pace(report.about("rate")).text(report.share()) + "/s"
                        : "") + "), "
                + Units.number(total.count(Count.ANSWERED)) + " answered ("
                + Units.perSecond(report.perSecond(Count.ANSWERED)) + "), "
                + Units.number(total.count(Count.FAILED)) + " failed, "
                + Units.number(total.count(Count.UNFINISHED)) + " unfinished";
        long unsent = total.count(Count.UNSENT);
        return unsent == 0 ? line : line + ", " + Units.number(unsent) + " never sent";
    }

    private static String datagrams(Report report) {
        Slice total = report.total();
        return "datagrams    " + Units.number(total.count(Count.IN_TIME)) + " in time, "
                + Units.number(total.count(Count.REORDERED)) + " reordered, "
                + Units.number(total.count(Count.LATE)) + " late, "
                + Units.number(total.count(Count.DUPLICATE)) + " duplicate, "
                + Units.number(total.count(Count.CORRUPT)) + " corrupt, "
                + Units.number(total.count(Count.LOST)) + " lost; this kernel dropped " + drops(report);
    }

    private static String tool(Report report) {
        long sent = report.total().count(Count.SENT);
        long cpuNs = report.pace().cpuNs();
        return String.format(
                Locale.ROOT,
                "load from    %s, %s; busiest loop %.0f %% of a core%s",
                report.about("machine"),
                report.about("transport"),
                report.pace().busy() * PERCENT,
                sent == 0 || cpuNs == 0
                        ? ""
                        : ", " + Units.time((double) cpuNs / sent) + " of processor time for a request");
    }

    /** By the kernel's own names, those that are not 0. */
    private static String drops(Report report) {
        if (!(report.about().get(KernelDrops.KEY) instanceof Map<?, ?> drops) || drops.isEmpty()) {
            return "what it does not tell";
        }
        List<String> some = drops.entrySet().stream()
                .filter(entry -> ((Number) entry.getValue()).longValue() > 0)
                .map(entry -> Units.number(((Number) entry.getValue()).longValue()) + " " + entry.getKey())
                .toList();
        return some.isEmpty() ? "none" : String.join(", ", some);
    }

    private static String connections(Report report) {
        Slice total = report.total();
        return "connections  " + Units.number(total.count(Count.OPENED)) + " opened; "
                + Units.number(total.count(Count.CLOSED_BY_SERVER)) + " closed by the server first, "
                + Units.number(total.count(Count.CLOSED_BY_US)) + " by us";
    }
}

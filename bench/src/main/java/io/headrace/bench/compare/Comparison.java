package io.headrace.bench.compare;

import io.headrace.bench.load.Page;
import io.headrace.bench.load.Units;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What came of it.
 *
 * @param about the command, the machine, versions
 * @param servers the name of each, and what it said when it was ready
 * @param headings what was asked, by workload
 * @param rows by workload, in the order of the servers
 * @param gates what had to hold
 */
record Comparison(
        Map<String, Object> about,
        Map<String, String> servers,
        Map<Workload, String> headings,
        Map<Workload, List<Row>> rows,
        List<RatioGate> gates,
        boolean interrupted) {
    private static final String FORMAT = "headrace-compare/1";
    private static final List<String> COLUMNS = List.of(
            "server", "CPU/operation", "ratio", "operations/s", "ratio", "p50", "p99", "p99.9", "errors", "generator");
    private static final int P50 = 50;
    private static final int P99 = 99;
    private static final double P999 = 99.9;
    private static final Pattern READY = Pattern.compile("ready: (.+? on (\\S+), .+?): \\w+=.*");
    private static final double PERCENT = 100;

    /** Whether some server completed nothing of what it was asked. */
    boolean incomplete() {
        return rows.isEmpty() || rows.values().stream().flatMap(List::stream).anyMatch(row -> row.failure() != null);
    }

    boolean gatesMet() {
        return gates.stream().allMatch(gate -> gate.met(this));
    }

    boolean limited() {
        return rows.values().stream().flatMap(List::stream).anyMatch(row -> row.limited() > 0);
    }

    Row row(Workload workload, String server) {
        return rows.getOrDefault(workload, List.of()).stream()
                .filter(row -> row.name().equals(server))
                .findFirst()
                .orElse(null);
    }

    // ---- As text
    // -----------------------------------------------------------------------------------------------------

    /** One table for each workload. */
    String text() {
        StringBuilder text = new StringBuilder();
        headings.forEach((workload, heading) -> {
            text.append(heading).append('\n');
            List<List<String>> lines = lines(workload);
            int[] widths = new int[COLUMNS.size()];
            for (List<String> line : lines) {
                boolean failed = line.size() < widths.length; // Its reason may be as long as it is.
                for (int i = 0; i < (failed ? 1 : line.size()); i++) {
                    widths[i] = Math.max(widths[i], line.get(i).length());
                }
            }
            for (List<String> line : lines) {
                for (int i = 0; i < line.size(); i++) {
                    String form = i == 0 || line.size() == 2 ? "%-" + widths[0] + "s" : "  %" + widths[i] + "s";
                    text.append(line.size() == 2 && i == 1 ? "  " + line.get(i) : String.format(form, line.get(i)));
                }
                text.append('\n');
            }
            text.append('\n');
        });
        whatServes().forEach(line -> text.append(line).append('\n'));
        notes().forEach(note -> text.append(note).append('\n'));
        for (RatioGate gate : gates) {
            text.append(String.format(
                    Locale.ROOT,
                    "gate %s: %s, it is %.3f\n",
                    gate.text(),
                    gate.met(this) ? "met" : "BROKEN",
                    gate.ratio(this)));
        }
        return text.toString();
    }

    /** The same for a page of documentation, with what it was made on. */
    String markdown() {
        StringBuilder text = new StringBuilder();
        about.forEach((key, value) -> text.append("- ")
                .append(key.replace('_', ' '))
                .append(": `")
                .append(value)
                .append("`\n"));
        servers.forEach((name, said) ->
                text.append("- server ").append(name).append(": `").append(said).append("`\n"));
        headings.forEach((workload, heading) -> {
            text.append("\n**").append(heading).append("**\n\n");
            List<List<String>> lines = lines(workload);
            for (int i = 0; i < lines.size(); i++) {
                text.append("| ").append(String.join(" | ", lines.get(i))).append(" |\n");
                if (i == 0) {
                    text.append("|---")
                            .append("|---:".repeat(COLUMNS.size() - 1))
                            .append("|\n");
                }
            }
        });
        text.append('\n');
        notes().forEach(note -> text.append(note).append("\n\n"));
        return text.toString().stripTrailing() + "\n";
    }

    private List<List<String>> lines(Workload workload) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(COLUMNS);
        rows.getOrDefault(workload, List.of()).forEach(row -> lines.add(line(row)));
        return lines;
    }

    private static List<String> line(Row row) {
        if (row.failure() != null) {
            return List.of(row.name(), "FAILED: " + row.failure());
        }
        double cpu = row.cpu().median();
        return List.of(
                row.name(),
                Double.isNaN(cpu) ? "-" : Units.time(cpu),
                row.cpuRatio().toString(),
                Units.number(Math.round(row.rate().median())),
                row.rateRatio().toString(),
                percentile(row, P50),
                percentile(row, P99),
                percentile(row, P999),
                Units.number(row.errors()),
                String.format(Locale.ROOT, "%.0f %%", row.busy() * PERCENT));
    }

    /** Of all rounds together, and the quartiles of what it was in each. */
    private static String percentile(Row row, double percentile) {
        Spread rounds = row.percentile(percentile);
        return Units.time(row.responses().getValueAtPercentile(percentile), rounds.low(), rounds.high());
    }

    /** What each serves on really, as it said itself. */
    private List<String> whatServes() {
        List<String> lines = new ArrayList<>();
        servers.forEach((name, said) -> {
            Matcher ready = READY.matcher(said);
            lines.add("server " + name + ": " + (ready.matches() ? ready.group(1) : "it says: " + said));
        });
        return lines;
    }

    private Set<String> transports() {
        Set<String> transports = new LinkedHashSet<>();
        servers.values().stream()
                .map(READY::matcher)
                .filter(Matcher::matches)
                .forEach(ready -> transports.add(ready.group(2)));
        return transports;
    }

    private List<String> notes() {
        List<String> notes = new ArrayList<>();
        notes.add(
                "CPU/operation is what the server's process used of the processors; ratios are to the first server, round by round:"
                        + " median [quartiles]. Differences of less than 3 % are noise on most machines.");
        if (transports().size() > 1) {
            notes.add("The servers are not on the same transport, but on " + String.join(", ", transports())
                    + ": what a ratio says is of both.");
        }
        rows.forEach((workload, all) -> all.stream()
                .filter(row -> row.failure() == null && row.failedRounds() > 0)
                .forEach(row -> notes.add(row.name() + " answered nothing in " + row.failedRounds() + " rounds of "
                        + workload + ", which are in no figure.")));
        rows.forEach((workload, all) -> {
            long limited = all.stream().mapToLong(Row::limited).sum();
            if (limited > 0) {
                notes.add("GENERATOR LIMITED in " + limited + " rounds of " + workload
                        + ": a server may do more operations a second there; its CPU/operation is true of this load.");
            }
        });
        if (interrupted) {
            notes.add("INTERRUPTED: this is what was measured until then.");
        }
        return notes;
    }

    // ---- As JSON, and as a page of it
    // -----------------------------------------------------------------------------------------------------

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("format", FORMAT);
        json.put("about", about);
        json.put("servers", servers);
        json.put("interrupted", interrupted);
        json.put("gates", gates.stream().map(gate -> gate.json(this)).toList());
        json.put("notes", notes());
        Map<String, Object> asked = new LinkedHashMap<>();
        headings.forEach((workload, heading) -> asked.put(workload.toString(), heading));
        json.put("headings", asked);
        Map<String, Object> workloads = new LinkedHashMap<>();
        rows.forEach((workload, all) ->
                workloads.put(workload.toString(), all.stream().map(Row::json).toList()));
        json.put("workloads", workloads);
        return json;
    }

    /** With charts; it needs no network. */
    String page() {
        return Page.of("headrace compare", Comparison.class, "compare.js", json());
    }
}

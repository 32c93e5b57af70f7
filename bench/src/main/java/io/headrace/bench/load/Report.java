package io.headrace.bench.load;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What came of a run, or of several shards of one.
 *
 * @param about what was run, on what, with what: see {@link Site}
 * @param measuredNs how long was measured, the warm-up not included
 * @param total of all that counts, the warm-up not included
 */
record Report(
        Map<String, Object> about,
        Instant started,
        long measuredNs,
        Slice total,
        List<Interval> intervals,
        Pace pace,
        boolean interrupted) {

    /**
     * How well this tool itself kept up.
     *
     * @param expected how many requests fell due, by the schedule; 0 in a closed loop
     * @param paced how many of them were handed to their connections in time for the end
     * @param busy the busiest loop's share of a core, 0 to 1
     */
    record Pace(long expected, long paced, double busy) {
        Pace plus(Pace other) {
            return new Pace(expected + other.expected, paced + other.paced, Math.max(busy, other.busy));
        }
    }

    /** This one with more to say about itself. */
    Report with(String key, Map<String, Object> found) {
        Map<String, Object> more = new LinkedHashMap<>(about);
        more.put(key, found);
        return new Report(more, started, measuredNs, total, intervals, pace, interrupted);
    }

    /** Whether nothing was answered, nor moved where only bytes are moved. */
    boolean nothingDone() {
        boolean moved = total.count(Count.BYTES_SENT) + total.count(Count.BYTES_RECEIVED) > 0;
        return total.count(Count.ANSWERED) == 0 && !(about("mode").equals("bulk") && moved);
    }

    double perSecond(Count what) {
        return measuredNs == 0 ? 0 : total.count(what) * 1e9 / measuredNs;
    }

    String about(String key) {
        Object value = about.get(key);
        return value == null ? "" : value.toString();
    }

    boolean openLoop() {
        return about.get("rate") != null;
    }

    List<String> gates() {
        return about.get("slo") instanceof List<?> list
                ? list.stream().map(Object::toString).toList()
                : List.of();
    }

    /**
     * Shards of one run as one: every count and every bucket added, intervals by their place in the run.
     *
     * @throws IllegalArgumentException when they are not of one run
     */
    static Report merge(List<Report> shards) {
        Report first = shards.get(0);
        Slice total = new Slice();
        Pace pace = new Pace(0, 0, 0);
        long measuredNs = 0;
        boolean interrupted = false;
        List<Object> machines = new ArrayList<>();
        Map<Long, Interval> intervals = new LinkedHashMap<>();
        for (Report shard : shards) {
            for (String same : List.of("mode", "rate", "size", "warmup", "interval")) {
                if (!shard.about(same).equals(first.about(same))) {
                    throw new IllegalArgumentException("not of one run: " + same + " is '" + first.about(same)
                            + "' in the first file and '" + shard.about(same) + "' in another");
                }
            }
            total.add(shard.total);
            pace = pace.plus(shard.pace);
            measuredNs = Math.max(measuredNs, shard.measuredNs);
            interrupted |= shard.interrupted;
            machines.add(shard.about("machine"));
            for (Interval interval : shard.intervals) {
                intervals.merge(interval.fromNs(), interval, Report::together);
            }
        }
        Map<String, Object> about = new LinkedHashMap<>(first.about);
        about.put("shard", "merged of " + shards.size());
        about.put(
                "machine",
                String.join(
                        " + ",
                        machines.stream().map(Object::toString).distinct().toList()));
        List<Interval> sorted = new ArrayList<>(intervals.values());
        sorted.sort((a, b) -> Long.compare(a.fromNs(), b.fromNs()));
        return new Report(about, first.started, measuredNs, total, sorted, pace, interrupted);
    }

    private static Interval together(Interval a, Interval b) {
        Slice slice = new Slice();
        slice.add(a.slice());
        slice.add(b.slice());
        return new Interval(
                a.fromNs(),
                Math.max(a.lengthNs(), b.lengthNs()),
                a.warm(),
                slice,
                a.open() + b.open(),
                Math.max(a.busy(), b.busy()));
    }
}

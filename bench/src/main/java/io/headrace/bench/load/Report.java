package io.headrace.bench.load;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
    /** What reports have to have in common that are added up: the load, which is the same for all shards. */
    private static final List<String> SAME_IN_SHARDS = List.of(
            "mode", "targets", "rate", "connections", "window", "size", "warmup", "duration", "interval", "timeout");

    /**
     * How well this tool itself kept up.
     *
     * @param expected how many requests fell due, by the schedule; 0 in a closed loop
     * @param paced how many of them were handed to their connections in time for the end
     * @param busy the busiest loop's share of a core, 0 to 1
     * @param cpuNs processor time of the whole process while it measured, see {@link ProcessorTime}
     */
    record Pace(long expected, long paced, double busy, long cpuNs) {
        static final Pace NONE = new Pace(0, 0, 0, 0);

        Pace plus(Pace other) {
            return new Pace(
                    expected + other.expected, paced + other.paced, Math.max(busy, other.busy), cpuNs + other.cpuNs);
        }
    }

    /** This one with more to say about itself. */
    Report with(String key, Map<String, Object> found) {
        Map<String, Object> more = new LinkedHashMap<>(about);
        more.put(key, found);
        return new Report(more, started, measuredNs, total, intervals, pace, interrupted);
    }

    /** This one as a part of what was asked for. */
    Report cutOff() {
        return new Report(about, started, measuredNs, total, intervals, pace, true);
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

    /** Which part of the load it is of, 0 to 1: all of it, but for a shard. */
    double share() {
        boolean shard = about("shard").matches("\\d+/\\d+");
        return shard ? Plan.Shard.parse(about("shard")).share(Integer.parseInt(about("connections"))) : 1;
    }

    List<String> gates() {
        return about.get("slo") instanceof List<?> list
                ? list.stream().map(Object::toString).toList()
                : List.of();
    }

    /**
     * Shards of one run as one: every count and every bucket added, intervals by their place in the run.
     *
     * @throws IllegalArgumentException when they are not of one run, or not all of it
     */
    static Report merge(List<Report> shards) {
        Report first = shards.get(0);
        requireOneRun(shards);
        if (shards.size() == 1) {
            return first; // Which is 1/1, and all there is.
        }
        Slice total = new Slice();
        Pace pace = Pace.NONE;
        long measuredNs = 0;
        boolean interrupted = false;
        Map<Long, Interval> intervals = new LinkedHashMap<>();
        for (Report shard : shards) {
            total.add(shard.total);
            pace = pace.plus(shard.pace);
            measuredNs = Math.max(measuredNs, shard.measuredNs);
            interrupted |= shard.interrupted;
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
                        shards.stream()
                                .map(shard -> shard.about("machine"))
                                .distinct()
                                .toList()));
        Map<String, Object> drops = KernelDrops.ofAll(shards);
        if (!drops.isEmpty()) {
            about.put(KernelDrops.KEY, drops);
        }
        List<Interval> sorted = new ArrayList<>(intervals.values());
        sorted.sort((a, b) -> Long.compare(a.fromNs(), b.fromNs()));
        return new Report(about, first.started, measuredNs, total, sorted, pace, interrupted);
    }

    private static void requireOneRun(List<Report> shards) {
        Report first = shards.get(0);
        for (Report shard : shards) {
            for (String same : SAME_IN_SHARDS) {
                if (!shard.about(same).equals(first.about(same))) {
                    throw new IllegalArgumentException("not of one run: " + same + " is '" + first.about(same)
                            + "' in the first file and '" + shard.about(same) + "' in another");
                }
            }
        }
        Set<Plan.Shard> seen = new HashSet<>();
        int of = shard(first).of();
        for (Report report : shards) {
            Plan.Shard shard = shard(report);
            if (shard.of() != of) {
                throw new IllegalArgumentException("not of one run: shards " + shard(first) + " and " + shard);
            }
            if (!seen.add(shard)) {
                throw new IllegalArgumentException("not of one run: shard " + shard + " is there twice");
            }
        }
        for (int i = 1; i <= of; i++) {
            if (!seen.contains(new Plan.Shard(i, of))) {
                throw new IllegalArgumentException("not the whole run: shard " + i + "/" + of + " is missing");
            }
        }
    }

    private static Plan.Shard shard(Report report) {
        try {
            return Plan.Shard.parse(report.about("shard"));
        } catch (IllegalArgumentException none) {
            throw new IllegalArgumentException(
                    "not a shard: '" + report.about("shard") + "' (expected: I/N, from a run with --shard)", none);
        }
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

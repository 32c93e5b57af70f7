package io.headrace.bench.load;

import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code -R}: how many requests are due a second. */
final class PaceOption {
    private static final double LEAST = 0.001;
    private static final double MOST = 100_000_000;

    @Option(
            names = {"-R", "--rate"},
            paramLabel = "N|A:B",
            required = true,
            description =
                    "Requests a second, of all connections and shards together, as 1000 or 10k; or a ramp from A to B.")
    private String rate;

    /** A rate that grows or falls evenly while it is measured; the warm-up has the first rate all the time. */
    record Pace(String text, double from, double to) {
        /** A part of it, as it was written or as {@link Units#rate} reads it again. */
        String text(double share) {
            if (share == 1) {
                return text;
            }
            String first = Units.plain(from * share);
            return from == to ? first : first + ":" + Units.plain(to * share);
        }

        Schedule schedule(long warmupNs, long durationNs) {
            if (from == to) {
                return Schedule.steady(from);
            }
            Schedule ramp = Schedule.ramp(from, to, durationNs);
            return warmupNs == 0 ? ramp : ramp.after(Schedule.steady(from), warmupNs);
        }
    }

    /** @throws IllegalArgumentException saying what was expected instead */
    Pace pace() {
        return pace(rate);
    }

    /** @throws IllegalArgumentException saying what was expected instead */
    static Pace pace(String rate) {
        String[] parts = rate.split(":", 2);
        return new Pace(rate, one(parts[0]), one(parts[parts.length - 1]));
    }

    /** @throws IllegalArgumentException saying what was expected instead */
    static double one(String text) {
        try {
            double rate = Units.rate(text);
            if (rate < LEAST || rate > MOST) {
                throw new IllegalArgumentException("rate: " + text + " (expected: " + LEAST + " to 100m)");
            }
            return rate;
        } catch (TypeConversionException bad) {
            throw new IllegalArgumentException("rate: " + bad.getMessage(), bad);
        }
    }
}

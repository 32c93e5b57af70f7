package io.headrace.bench.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Whether the load generator itself was the bottleneck: then the numbers say nothing about the server.
 *
 * @param reasons one line each; none when it kept up
 */
record Verdict(List<String> reasons) {
    private static final double MOST_LAG = 0.1;
    private static final double LEAST_RATE = 0.99;
    private static final double MOST_BUSY = 0.9;
    private static final int P99 = 99;

    static Verdict of(Report report) {
        List<String> reasons = new ArrayList<>();
        double lag = report.total().histogram(Timing.SEND_LAG).getValueAtPercentile(P99);
        double response = report.total().everyRequest().getValueAtPercentile(P99);
        if (lag > MOST_LAG * response) {
            reasons.add("requests were sent late: p99 of the send lag is " + Units.time(lag)
                    + ", more than 10 % of the response's " + Units.time(response));
        }
        Report.Pace pace = report.pace();
        if (pace.paced() < LEAST_RATE * pace.expected()) {
            reasons.add(String.format(
                    Locale.ROOT,
                    "%,d requests of %,d fell due before the end and were not even tried",
                    pace.expected() - pace.paced(),
                    pace.expected()));
        }
        if (pace.busy() > MOST_BUSY) {
            reasons.add(String.format(
                    Locale.ROOT,
                    "its busiest loop used %.0f %% of a core: give it more --threads, or more cores",
                    pace.busy() * 100));
        }
        return new Verdict(List.copyOf(reasons));
    }

    boolean limited() {
        return !reasons.isEmpty();
    }
}

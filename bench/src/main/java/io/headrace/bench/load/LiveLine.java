package io.headrace.bench.load;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/** One line for each interval, while it runs. */
final class LiveLine implements Consumer<Interval> {
    private static final double S = 1e9;
    private static final int P50 = 50;
    private static final int P99 = 99;
    private static final double P999 = 99.9;

    private final PrintWriter out;
    private final boolean asks;
    private final String target;

    /**
     * @param asks whether there are requests, and not only bytes
     * @param rate what was asked for, or null
     */
    LiveLine(PrintWriter out, boolean asks, String rate) {
        this.out = out;
        this.asks = asks;
        target = rate == null ? "" : " of " + rate + "/s";
    }

    @Override
    public void accept(Interval interval) {
        Slice slice = interval.slice();
        Histogram response = slice.histogram(Timing.RESPONSE);
        Histogram lag = slice.histogram(Timing.SEND_LAG);
        if (!asks) {
            out.println(bytes(interval));
            out.flush();
            return;
        }
        StringBuilder line = new StringBuilder(String.format(
                Locale.ROOT,
                "%s%6.1f s  rate %s%s  p50 %s  p99 %s  p99.9 %s  max %s  connections %d  errors %s",
                interval.warm() ? "warm-up" : "       ",
                (interval.fromNs() + interval.lengthNs()) / S,
                Units.perSecond(interval.perSecond(Count.ANSWERED)),
                target,
                Units.time(response.getValueAtPercentile(P50)),
                Units.time(response.getValueAtPercentile(P99)),
                Units.time(response.getValueAtPercentile(P999)),
                Units.time(response.getMaxValue()),
                interval.open(),
                Units.number(slice.allErrors())));
        if (slice.count(Count.LOST) > 0) {
            line.append("  lost ").append(Units.number(slice.count(Count.LOST)));
        }
        if (lag.getTotalCount() > 0) {
            line.append("  send lag p99 ").append(Units.time(lag.getValueAtPercentile(P99)));
        }
        out.println(line);
        out.flush();
    }

    /** Where nothing is asked. */
    private static String bytes(Interval interval) {
        return String.format(
                Locale.ROOT,
                "%s%6.1f s  sent %s/s  received %s/s  connections %d  errors %s",
                interval.warm() ? "warm-up" : "       ",
                (interval.fromNs() + interval.lengthNs()) / S,
                Units.bytes(interval.perSecond(Count.BYTES_SENT)),
                Units.bytes(interval.perSecond(Count.BYTES_RECEIVED)),
                interval.open(),
                Units.number(interval.slice().allErrors()));
    }
}

package io.headrace.bench.load;

import java.util.EnumMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** What was recorded in some stretch of time: six histograms, counts, errors by kind. Slices are added up, never averaged. */
final class Slice {
    private static final int DIGITS = 3;
    private static final Timing[] TIMINGS = Timing.values();

    /** Errors of one kind, and what the first of them said. */
    record Errors(long count, String sample) {
        Errors plus(Errors more) {
            return new Errors(count + more.count, sample);
        }
    }

    private final Histogram[] histograms = new Histogram[TIMINGS.length];
    private final long[] counts = new long[Count.values().length];
    private final Map<ErrorKind, Errors> errors = new EnumMap<>(ErrorKind.class);

    Slice() {
        for (int i = 0; i < histograms.length; i++) {
            histograms[i] = new Histogram(DIGITS);
        }
    }

    /** An empty one whose histograms are as wide as those of another, so that they need not grow again. */
    static Slice like(Slice other) {
        Slice slice = new Slice();
        for (int i = 0; i < TIMINGS.length; i++) {
            slice.histograms[i] = new Histogram(other.histograms[i]);
            slice.histograms[i].setAutoResize(true);
        }
        return slice;
    }

    /** Any value is kept as it is: the histogram grows where it must. */
    void record(Timing timing, long ns) {
        histograms[timing.ordinal()].recordValue(Math.max(0, ns));
    }

    /** So many values alike. */
    void record(Timing timing, long ns, long times) {
        histograms[timing.ordinal()].recordValueWithCount(Math.max(0, ns), times);
    }

    void count(Count what, long more) {
        counts[what.ordinal()] += more;
    }

    void error(ErrorKind kind, long more, String sample) {
        errors.merge(kind, new Errors(more, sample), Errors::plus);
    }

    Histogram histogram(Timing timing) {
        return histograms[timing.ordinal()];
    }

    long count(Count what) {
        return counts[what.ordinal()];
    }

    Map<ErrorKind, Errors> errors() {
        return errors;
    }

    long allErrors() {
        return errors.values().stream().mapToLong(Errors::count).sum();
    }

    /** Adds all of another to this one, bucket by bucket. */
    void add(Slice other) {
        for (int i = 0; i < histograms.length; i++) {
            histograms[i].add(other.histograms[i]);
        }
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
        }
        other.errors.forEach((kind, errors) -> error(kind, errors.count(), errors.sample()));
    }

    /** What gates judge: the responses, and the ages of requests that got none, for they took at least as long. */
    Histogram everyRequest() {
        return together(Timing.RESPONSE, Timing.UNANSWERED);
    }

    /** The same of connections: those that could be used, and those that were waited for in vain. */
    Histogram everyConnection() {
        return together(Timing.CONNECT, Timing.UNCONNECTED);
    }

    private Histogram together(Timing one, Timing other) {
        Histogram all = histogram(one).copy();
        all.add(histogram(other));
        return all;
    }
}

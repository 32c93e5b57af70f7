package io.headrace.bench.load;

/**
 * When each request of a whole run is due, in closed form: request n of all, whichever connection sends it. It depends on nothing
 * that happens during the run, so that a server which stalls cannot slow the questions down (coordinated omission).
 */
interface Schedule {

    /** Nanoseconds from the beginning of the run to request {@code n}, counted from 0; never smaller than that of n - 1. */
    double at(long n);

    /** How many requests are due before this many nanoseconds from the beginning: those whose {@link #at}, without its fraction, is smaller. */
    long before(long ns);

    /** A steady rate. */
    static Schedule steady(double perSecond) {
        double gapNs = 1e9 / perSecond;
        return new Schedule() {
            @Override
            public double at(long n) {
                return n * gapNs;
            }

            @Override
            public long before(long ns) {
                return exactly(this, ns / gapNs, ns);
            }
        };
    }

    /** A rate that grows or falls evenly from one to another within a time. */
    static Schedule ramp(double from, double to, long overNs) {
        if (from == to) {
            return steady(from);
        }
        // Due before t are from * t + bend * t^2 requests; at() is its inverse, written so that a falling ramp is
        // exact, too.
        double bend = (to - from) / (2 * (overNs / 1e9));
        return new Schedule() {
            @Override
            public double at(long n) {
                double root = Math.sqrt(Math.max(0, from * from + 4 * bend * n));
                return n == 0 ? 0 : 1e9 * 2 * n / (from + root);
            }

            @Override
            public long before(long ns) {
                double s = ns / 1e9;
                return exactly(this, from * s + bend * s * s, ns);
            }
        };
    }

    /** This one after so many nanoseconds of another. */
    default Schedule after(Schedule first, long firstNs) {
        long firstCount = first.before(firstNs);
        Schedule then = this;
        return new Schedule() {
            @Override
            public double at(long n) {
                return n < firstCount ? first.at(n) : firstNs + then.at(n - firstCount);
            }

            @Override
            public long before(long ns) {
                return ns <= firstNs ? first.before(ns) : firstCount + then.before(ns - firstNs);
            }
        };
    }

    /** An estimate of {@link #before}, which rounding may have put on the wrong side of a request, made exact. */
    private static long exactly(Schedule schedule, double estimate, long ns) {
        long count = (long) Math.ceil(estimate);
        while (count > 0 && (long) schedule.at(count - 1) >= ns) {
            count--;
        }
        while ((long) schedule.at(count) < ns) {
            count++;
        }
        return count;
    }
}

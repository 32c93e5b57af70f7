package io.headrace.bench.load;

/** Looks for the highest rate that holds: doubles until one does not, then halves what lies between the two. */
final class RateSearch {
    private static final double LEAST = 1;
    private static final int SURELY_WHOLE = 10;

    private final double most;
    private final double precision;

    private double next;
    private double held;
    private double broke = Double.POSITIVE_INFINITY;
    private boolean done;

    /**
     * @param from the first rate
     * @param most no rate above is tried
     * @param precision ends when the highest that held and the lowest that did not are as close as this, 0.05 being 5 %
     */
    RateSearch(double from, double most, double precision) {
        this.most = most;
        this.precision = precision;
        next = Math.min(from, most);
    }

    boolean done() {
        return done;
    }

    /** The rate to try next. */
    double next() {
        return next;
    }

    /** The highest rate that held, or 0. */
    double best() {
        return held;
    }

    /** What came of {@link #next}. */
    void tried(boolean holds) {
        if (holds) {
            held = next;
        } else {
            broke = next;
        }
        double wanted = broke == Double.POSITIVE_INFINITY ? Math.min(most, held * 2) : (held + broke) / 2;
        wanted = wanted > SURELY_WHOLE ? Math.rint(wanted) : wanted;
        done = held >= most || broke <= LEAST || broke <= held * (1 + precision) || wanted <= held || wanted >= broke;
        next = wanted;
    }
}

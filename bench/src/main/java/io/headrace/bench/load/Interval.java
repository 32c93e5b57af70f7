package io.headrace.bench.load;

/**
 * What happened in one interval of a run.
 *
 * @param fromNs from the beginning of what counts; less than 0 in the warm-up
 * @param warm whether it lies in the warm-up, and is in no total
 * @param open connections at its end
 * @param busy the busiest loop's share of a core, 0 to 1
 */
record Interval(long fromNs, long lengthNs, boolean warm, Slice slice, int open, double busy) {

    double perSecond(Count what) {
        return lengthNs == 0 ? 0 : slice.count(what) * 1e9 / lengthNs;
    }
}

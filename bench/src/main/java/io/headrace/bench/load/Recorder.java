package io.headrace.bench.load;

/**
 * Where one loop records: a slice for requests that began in the warm-up, a slice for those that count. Plain fields of that loop;
 * whoever collects is handed whole slices. Event loop only.
 */
final class Recorder {

    /** What a loop recorded since it was last asked. */
    record Handed(Slice warm, Slice measured) {}

    private Slice warm = new Slice();
    private Slice measured = new Slice();
    private long measureNs;
    private boolean measuring;

    /** What begins from this moment on counts; before this is said nothing does. */
    void measureFrom(long ns) {
        measureNs = ns;
        measuring = true;
    }

    /** Whether what began at this moment counts. */
    boolean counts(long beganNs) {
        return measuring && beganNs - measureNs >= 0;
    }

    /** The slice of what began at this moment. */
    Slice of(long beganNs) {
        return of(counts(beganNs));
    }

    /** The slice of what counts, or of what does not. */
    Slice of(boolean counts) {
        return counts ? measured : warm;
    }

    Handed handOver() {
        Handed handed = new Handed(warm, measured);
        warm = Slice.like(warm);
        measured = Slice.like(measured);
        return handed;
    }
}

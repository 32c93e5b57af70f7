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

    /** Requests that begin from now on, or this moment, count. */
    void measureFrom(long ns) {
        measureNs = ns;
    }

    /** The slice of what began at this moment. */
    Slice of(long beganNs) {
        return beganNs - measureNs >= 0 ? measured : warm;
    }

    Handed handOver() {
        Handed handed = new Handed(warm, measured);
        warm = Slice.like(warm);
        measured = Slice.like(measured);
        return handed;
    }
}

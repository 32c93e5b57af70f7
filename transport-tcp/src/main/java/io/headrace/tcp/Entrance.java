package io.headrace.tcp;

import io.headrace.CloseReason;
import io.headrace.Gate;
import io.headrace.Reports;
import io.headrace.Text;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Who has come into an endpoint and not gone yet: the gates that let them in are told when they leave. Any thread. */
final class Entrance {
    /** More peers than this that are refused and not gone yet, and the next are reset. */
    private static final int MAX_REFUSED = 256;

    private final Gate[] gates;
    private final Reports reports;
    private final Census census = new Census();
    private final AtomicInteger refused = new AtomicInteger();
    private final int maxRefused = Math.min(MAX_REFUSED, DescriptorLimit.headroom() / 4);

    Entrance(List<Gate> gates, Reports reports) {
        this.gates = gates.toArray(Gate[]::new);
        this.reports = reports;
    }

    /** In wire order. */
    Gate[] gates() {
        return gates;
    }

    Census census() {
        return census;
    }

    void came() {
        census.came();
    }

    /** Its socket is closed; null where it never became a connection. */
    void left(Arrival arrival, CloseReason reason) {
        left(arrival, reason, gates.length);
        census.left();
    }

    /** Tells the first gates that one they let in has gone. */
    void left(Arrival arrival, CloseReason reason, int firstGates) {
        for (int i = 0; i < firstGates; i++) {
            try {
                gates[i].left(arrival, reason);
            } catch (Throwable fault) { // The others must hear of it, or their places would be lost.
                reports.warn("gate", () -> "while " + Text.of(arrival.address()) + " left", fault);
            }
        }
    }

    /** Whether one more refused peer may keep its descriptor for a while. */
    boolean refusalBegins() {
        if (refused.incrementAndGet() <= maxRefused) {
            return true;
        }
        refused.decrementAndGet();
        return false;
    }

    /** Whether a refused peer still keeps its descriptor. */
    boolean seesOff() {
        return refused.get() > 0;
    }

    void refusalEnded() {
        refused.decrementAndGet();
    }
}

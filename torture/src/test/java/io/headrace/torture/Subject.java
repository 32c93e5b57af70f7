package io.headrace.torture;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A server under torture: in this JVM or in one of its own. */
interface Subject extends AutoCloseable {

    /** The port of the endpoint of this name. */
    int port(String endpoint);

    /** The port of the row's endpoint. */
    default int port() {
        return port(Serving.ROW);
    }

    boolean alive();

    /** How long the slowest loop took to answer. */
    long probeNs();

    /** Where the kernel lists its descriptors. */
    Path descriptorFolder();

    /** Sockets, polls and rings that it holds open. */
    default int descriptors() {
        return Proc.descriptors(descriptorFolder());
    }

    /** Its threads, sorted by name. */
    List<String> threads();

    long directBytes();

    /** The processor time of its event loops. */
    long loopCpuNs();

    /** What {@link Proc#waits} says about its event loops. */
    List<Path> loopWaits();

    /** Counters and gauges: {@code id endpoint} or {@code id reason endpoint} to value. */
    Map<String, Double> meters();

    /** The sum over all endpoints of a meter, or of one of its reasons: {@code meter("headrace.connections.closed idle_timeout")}. */
    default double meter(String idAndReason) {
        return meters().entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(idAndReason + " "))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    /** The same of the row's endpoint alone. */
    default double own(String idAndReason) {
        return meters().getOrDefault(idAndReason + " " + Serving.ROW, 0.0);
    }

    /** How many connections of the row's endpoint ended for this reason. */
    default double closed(String reason) {
        return own("headrace.connections.closed " + reason);
    }

    /** Connections of the row's endpoint that are open. */
    default double active() {
        return own("headrace.connections.active");
    }

    default double accepted() {
        return own("headrace.connections.accepted");
    }

    List<LogLine> log();

    /** Stops it and says what it left open: empty when nothing. */
    String stop();

    @Override
    void close();
}

package io.headrace;

import java.util.List;
import java.util.Set;
import java.util.function.DoubleSupplier;

/** One endpoint of a running server, as its stages see it while they open. */
public interface Site {

    /** The endpoint's name. */
    String endpoint();

    /** The transport's name: tcp, udp, unix. */
    String transport();

    /** The meters that this endpoint's transport feeds. */
    Set<Meter> meters();

    /** How the endpoint's event loops are doing. Any thread, for as long as the server runs. */
    List<LoopHealth> loops();

    /**
     * The value of a meter that nobody counts, because the transport, or the system, knows it when it is asked: the depth of a listening
     * socket's queue. 0 where the endpoint has no such meter. Any thread but an event loop: it may read a file.
     */
    default double reading(Meter meter) {
        return 0;
    }

    /** Where to ask for the value of such a meter, or for one more part of it: they add up. Asked by any thread, as often as meters are read. While the stage opens. */
    void reading(Meter meter, DoubleSupplier value);

    /** Where trouble is reported. Any thread. */
    Reports reports();

    /** The time by the clock of the endpoint's loops, in nanoseconds; only differences mean anything. Any thread. */
    long nanoTime();

    /**
     * Asks {@code gate} about every peer that arrives, after the gates before it on the line. Only while the stage opens.
     *
     * @throws IllegalStateException on a transport without connections
     */
    void admit(Gate gate);

    /** Closes {@code part} when the endpoint stops, in reverse order of opening; the server holds it strongly until then. */
    void onStop(AutoCloseable part);
}

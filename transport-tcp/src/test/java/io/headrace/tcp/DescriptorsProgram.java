package io.headrace.tcp;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.headrace.AcceptError;
import io.headrace.Codec;
import io.headrace.Loops;
import io.headrace.Loops.Backend;
import io.headrace.Meter;
import io.headrace.Server;
import io.headrace.stage.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.management.ManagementFactory;
import org.slf4j.LoggerFactory;

/** Answers lines on one event loop, and tells how it does: with its errors of accepting, and the processor time of its loop. */
final class DescriptorsProgram {

    private DescriptorsProgram() {}

    /** {@code args}: the backend, and a limit of connections; 0 for none. */
    public static void main(String[] args) throws ClassNotFoundException {
        ((Logger) LoggerFactory.getLogger("io.headrace")).setLevel(Level.INFO);
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        Server server = Tcp.listen(0)
                .named("narrow")
                .loops(Loops.of(Backend.valueOf(args[0])).threads(1).named("narrow"))
                .with(Metrics.to(registry))
                .with(args[1].equals("0") ? ConnectionLimit.off() : ConnectionLimit.of(Integer.parseInt(args[1])))
                .with(Framing.lines(64))
                .codec(Codec.utf8())
                .reply(question -> answer(registry))
                .start();
        // While there are descriptors to load classes of folders with; a jar stays open.
        answer(registry);
        Class.forName("io.headrace.Reports$Reason");
        System.out.println("port " + server.port());
    }

    /** Errors, and nanoseconds of this loop's thread. */
    private static String answer(SimpleMeterRegistry registry) {
        double errors = registry.get(Meter.ACCEPT_ERRORS.id())
                .tag(Meter.ACCEPT_ERRORS.tagKey(), AcceptError.EMFILE.tag())
                .functionCounter()
                .count();
        return (long) errors + " " + ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}

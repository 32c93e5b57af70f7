package io.headrace.torture;

import io.headrace.Server;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.internal.PlatformDependent;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** What can be read off a running server from inside its JVM. */
final class Instruments {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final long PATIENCE_S = 10;

    private final Server server;
    private final Ground ground;

    Instruments(Server server, Ground ground) {
        this.server = server;
        this.ground = ground;
    }

    /** 0 for what has no port. */
    int port(String endpoint) {
        return server.addresses(endpoint).get(0) instanceof InetSocketAddress inet ? inet.getPort() : 0;
    }

    /** How long the slowest loop took to answer, in nanoseconds; the longest there is where one gave no answer. */
    long probeNs() {
        long startNs = System.nanoTime();
        List<Future<?>> probes = new ArrayList<>();
        for (EventLoop loop : ground.eventLoops()) {
            probes.add(loop.submit(() -> {}));
        }
        for (Future<?> probe : probes) {
            if (!probe.awaitUninterruptibly(PATIENCE_S, TimeUnit.SECONDS)) {
                return Long.MAX_VALUE;
            }
        }
        return System.nanoTime() - startNs;
    }

    /** The JDK's direct memory, and Netty's own where it takes that without the JDK. */
    long directBytes() {
        long jdk = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
        return PlatformDependent.useDirectBufferNoCleaner() ? jdk + PlatformDependent.usedDirectMemory() : jdk;
    }

    /** The processor time of the threads whose names begin so. */
    long cpuNs(String name) {
        long sum = 0;
        for (long id : THREADS.getAllThreadIds()) {
            ThreadInfo info = THREADS.getThreadInfo(id);
            if (info != null && info.getThreadName().startsWith(name)) {
                sum += Math.max(0, THREADS.getThreadCpuTime(id));
            }
        }
        return sum;
    }

    static List<String> threads(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .map(Thread::getName)
                .filter(each -> each.startsWith(name))
                .sorted()
                .toList();
    }

    /** Counters and gauges, each as {@code id} or {@code id reason}, after a space the endpoint's name. */
    Map<String, Double> meters() {
        Map<String, Double> all = new TreeMap<>();
        for (Meter meter : ground.registry().getMeters()) {
            String endpoint = meter.getId().getTag("endpoint");
            String reason = meter.getId().getTag("reason");
            String key = meter.getId().getName() + (reason == null ? "" : " " + reason) + " " + endpoint;
            if (meter instanceof FunctionCounter counter) {
                all.merge(key, counter.count(), Double::sum);
            } else if (meter instanceof Gauge gauge) {
                all.merge(key, gauge.value(), Double::sum);
            }
        }
        return all;
    }

    double scrape() {
        double sum = 0;
        for (Meter meter : ground.registry().getMeters()) {
            for (Measurement measurement : meter.measure()) {
                sum += measurement.getValue();
            }
        }
        return sum;
    }

    int meterCount() {
        return ground.registry().getMeters().size();
    }
}

package io.headrace.bench.load;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What this process had used of the processors at some moment, without turning loops that had nothing to do.
 *
 * @param loopsNs of each loop
 * @param processNs of all threads, the JVM's own too
 */
record ProcessorTime(long[] loopsNs, long processNs, long atNs) {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final OperatingSystemMXBean PROCESS =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    static ProcessorTime now(List<Lane> lanes) {
        long[] loops = lanes.stream()
                .mapToLong(lane -> THREADS.getThreadCpuTime(lane.threadId()) - lane.spunNs())
                .toArray();
        long spunNs = lanes.stream().mapToLong(Lane::spunNs).sum();
        return new ProcessorTime(loops, PROCESS.getProcessCpuTime() - spunNs, System.nanoTime());
    }

    /** The busiest loop's share of a core since then, 0 to 1. */
    double busiestSince(ProcessorTime earlier) {
        return IntStream.range(0, loopsNs.length)
                .mapToDouble(i -> (double) (loopsNs[i] - earlier.loopsNs[i]) / (atNs - earlier.atNs))
                .max()
                .orElse(0);
    }
}

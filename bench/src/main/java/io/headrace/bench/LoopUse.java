package io.headrace.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.regex.Pattern;

/** What the serving threads of this JVM have used up so far, by the JVM's own accounts. */
record LoopUse(long allocatedBytes, long cpuNs) {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final Pattern LOOP = Pattern.compile(Serving.LOOP_NAME + "-[-0-9]+");

    /** What all threads that serve have used together. Any thread. */
    static LoopUse now() {
        long allocatedBytes = 0;
        long cpuNs = 0;
        for (ThreadInfo thread : THREADS.getThreadInfo(THREADS.getAllThreadIds())) {
            if (thread != null && LOOP.matcher(thread.getThreadName()).matches()) {
                allocatedBytes += THREADS.getThreadAllocatedBytes(thread.getThreadId());
                cpuNs += THREADS.getThreadCpuTime(thread.getThreadId());
            }
        }
        return new LoopUse(allocatedBytes, cpuNs);
    }

    LoopUse since(LoopUse before) {
        return new LoopUse(allocatedBytes - before.allocatedBytes, cpuNs - before.cpuNs);
    }
}

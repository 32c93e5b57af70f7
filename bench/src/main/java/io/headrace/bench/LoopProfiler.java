package io.headrace.bench;

import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * What the server's loop alone spends per operation: bytes allocated ({@code loop.alloc.norm}) and processor time ({@code
 * loop.cpu.norm}). {@code -prof gc} adds what the client allocates, and a round trip's time is mostly the kernel waking threads.
 */
public final class LoopProfiler implements InternalProfiler {
    private static volatile LoopUse atEnd;

    private LoopUse before;

    /** Ends the account of an iteration. Called by the benchmark: when JMH tells a profiler, the last iteration's server is gone. */
    static void iterationEnds() {
        atEnd = LoopUse.now();
    }

    @Override
    public String getDescription() {
        return "What the server's loop spends per operation";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        before = LoopUse.now();
    }

    @Override
    public Collection<? extends Result<?>> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        LoopUse used = atEnd.since(before);
        long ops = Math.max(1, result.getMetadata().getAllOps());
        return List.of(
                perOperation("loop.alloc.norm", used.allocatedBytes(), ops, "B/op"),
                perOperation("loop.cpu.norm", used.cpuNs(), ops, "ns/op"));
    }

    private static ScalarResult perOperation(String name, long total, long ops, String unit) {
        return new ScalarResult(name, (double) total / ops, unit, AggregationPolicy.AVG);
    }
}

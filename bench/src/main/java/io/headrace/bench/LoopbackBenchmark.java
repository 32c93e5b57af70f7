package io.headrace.bench;

import io.headrace.Loops;
import io.headrace.bench.Serving.Choices;
import io.headrace.bench.Serving.GreetingClose;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How every benchmark here measures: one operation is a real round trip on loopback, between a server with one loop and a blocking
 * client that is the benchmark's own thread, both in this JVM.
 *
 * <p>What the client costs is the same whoever serves, and it allocates next to nothing, so differences in {@code gc.alloc.rate.norm}
 * between two servers are the servers' own; {@link LoopProfiler} leaves the client out altogether. Bytes are the same wherever the
 * threads run. Times are not: on two cores each thread wakes the other's idle core, which costs more than all the rest. Bind the JVM
 * to one core, look at {@code loop.cpu.norm}, and believe a load generator in another process more than either.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public abstract class LoopbackBenchmark {
    /** {@link RawNetty}. */
    static final String NETTY = "netty";
    /** Headrace with its default stages. */
    static final String HEADRACE = "headrace";
    /** Headrace with none. */
    static final String HEADRACE_BARE = "headrace-bare";

    @Param({NETTY, HEADRACE, HEADRACE_BARE})
    public String server;

    @Param("auto")
    public String transport;

    /** Serves one target on one loop. The caller closes it. */
    static Serving serve(String server, String transport, String target) {
        Contender contender = server.equals(NETTY) ? Contender.NETTY : Contender.HEADRACE;
        boolean bare = server.equals(HEADRACE_BARE);
        Choices choices = new Choices(backend(transport), 1, GreetingClose.ABRUPT, false, bare, false, null);
        return contender.start(choices, List.of(Target.parse(target)));
    }

    static Loops.Backend backend(String transport) {
        return Choices.orBest(new Serve.BackendByName().convert(transport));
    }

    @TearDown(Level.Iteration)
    public void iterationEnds() {
        LoopProfiler.iterationEnds();
    }
}

package io.headrace.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.headrace.Loops;
import io.headrace.Server;
import io.headrace.Workers;
import io.headrace.contract.ChildJvm;
import io.headrace.stage.Deadline;
import io.headrace.stage.InFlightLimit;
import io.headrace.stage.RateLimit;
import io.headrace.tcp.StreamSetup;
import io.headrace.tcp.Tcp;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What the message stages allocate for a message, as {@link AllocationTest} counts it. */
class MessageStagesAllocationTest {
    private static final int ROUNDS = 4;
    private static final int ROUND_TRIPS = 20_000;
    private static final double TOLERANCE_BYTES = 8;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void limitsAndDeadlinesAllocateNothingWhereHandlersAnswerAtOnce() throws IOException {
        double limits = bytesPerEcho("limits");
        double plain = bytesPerEcho("plain");
        for (int start = 1;
                start < 3 && limits > plain + TOLERANCE_BYTES;
                start++) { // As in AllocationTest: compilers are moody.
            limits = Math.min(limits, bytesPerEcho("limits"));
            plain = Math.min(plain, bytesPerEcho("plain"));
        }
        assertThat(limits).isLessThanOrEqualTo(plain + TOLERANCE_BYTES);
    }

    private static double bytesPerEcho(String stages) throws IOException {
        try (ChildJvm child = ChildJvm.start(MessageStagesAllocationTest.class, stages)) {
            return Double.parseDouble(child.lineWith("bytes per echo: ").split(": ")[1]);
        }
    }

    private static StreamSetup<?, ByteBuf, Object> with(String stages, StreamSetup<?, ByteBuf, Object> setup) {
        return switch (stages) {
            case "limits" ->
                setup.with(InFlightLimit.of(1_000))
                        .with(RateLimit.of(100_000_000, Duration.ofSeconds(1)))
                        .with(Deadline.of(Duration.ofSeconds(2)));
            case "per-message" -> setup.with(Workers.perMessage());
            case "per-connection" -> setup.with(Workers.perConnection());
            case "workers-and-deadline" ->
                setup.with(Deadline.of(Duration.ofSeconds(2))).with(Workers.perMessage());
            default -> setup;
        };
    }

    /** Of all threads of this JVM, which says so from Java 21 on; before that of those that are alive. */
    public static void main(String[] args) throws IOException {
        double least = Double.MAX_VALUE;
        Loops loops = Loops.auto().threads(1).named(Serving.LOOP_NAME);
        try (Server server = with(args[0], Tcp.listen(0).loops(loops))
                        .reply(bytes -> bytes)
                        .start();
                EchoClient client = EchoClient.tcp(server.port(), 64)) {
            for (int round = 0; round < ROUNDS; round++) {
                long before = allocatedBytes();
                for (int i = 0; i < ROUND_TRIPS; i++) {
                    client.roundTrip();
                }
                least = Math.min(least, (double) (allocatedBytes() - before) / ROUND_TRIPS);
            }
        }
        System.out.println("bytes per echo: " + least);
    }

    private static long allocatedBytes() {
        try {
            return (long)
                    ThreadMXBean.class.getMethod("getTotalThreadAllocatedBytes").invoke(THREADS);
        } catch (ReflectiveOperationException runtimeHasNone) {
            long sum = 0;
            for (long bytes : THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds())) {
                sum += Math.max(0, bytes);
            }
            return sum;
        }
    }
}

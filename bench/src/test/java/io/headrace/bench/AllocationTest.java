package io.headrace.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.headrace.Loops.Backend;
import io.headrace.contract.ChildJvm;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a server allocates on its loop for an echo and for a greeting, by the JVM's own count of bytes: no clock is involved, so a slow
 * machine gives the same answer. In JVMs of their own, because the leak detector of this one allocates for every buffer.
 */
class AllocationTest {
    private static final int ROUNDS = 4;
    /** Now and then the compilers of a JVM take another way for good: what counts is what the code can do. */
    private static final int STARTS = 3;

    private static final int MESSAGE_BYTES = 64;

    /** JDK 17 and 25 take 15 to 18, 152 to 200 and 230 to 240 bytes; raw Netty takes 61, 264 to 313 and 1,820 to 1,890. */
    @ParameterizedTest
    @CsvSource({"echo=tcp, 20000, 32", "echo=udp, 20000, 210", "greet=tcp, 3000, 320"})
    void allocatesNoMoreThanBefore(String target, int operations, double most) throws IOException {
        assumeTrue(Backend.EPOLL.available(), "no epoll here");
        double bytes = Double.MAX_VALUE;
        for (int start = 0; bytes > most && start < STARTS; start++) {
            bytes = Math.min(bytes, bytesPerOperation(target, operations));
        }

        assertThat(bytes).isPositive().isLessThanOrEqualTo(most);
    }

    private static double bytesPerOperation(String target, int operations) throws IOException {
        try (ChildJvm child = ChildJvm.start(AllocationTest.class, target, Integer.toString(operations))) {
            return Double.parseDouble(child.lineWith("bytes per operation: ").split(": ")[1]);
        }
    }

    private interface Operation {
        void run() throws IOException;
    }

    /** The least of several rounds: by the last of them the compilers have done what they will. */
    public static void main(String[] args) throws IOException {
        String target = args[0] + "://127.0.0.1:0";
        try (Serving serving = LoopbackBenchmark.serve(LoopbackBenchmark.HEADRACE, "epoll", target)) {
            System.out.println("bytes per operation: " + least(args[0], serving.port(), Integer.parseInt(args[1])));
        }
    }

    private static double least(String target, int port, int operations) throws IOException {
        if (target.equals("greet=tcp")) {
            return least(new GreetClient(port)::greeting, operations);
        }
        try (EchoClient client =
                target.equals("echo=tcp") ? EchoClient.tcp(port, MESSAGE_BYTES) : EchoClient.udp(port, MESSAGE_BYTES)) {
            return least(client::roundTrip, operations);
        }
    }

    private static double least(Operation operation, int operations) throws IOException {
        double least = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            LoopUse before = LoopUse.now();
            for (int i = 0; i < operations; i++) {
                operation.run();
            }
            least = Math.min(least, (double) LoopUse.now().since(before).allocatedBytes() / operations);
        }
        return least;
    }
}

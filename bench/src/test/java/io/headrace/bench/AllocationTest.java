package io.headrace.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.contract.ChildJvm;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a server allocates on its loop per echo, by the JVM's own count of bytes: no clock is involved, so a slow machine gives the same
 * answer. In JVMs of their own, because the leak detector of this one allocates for every buffer.
 */
class AllocationTest {
    private static final int ROUNDS = 4;
    private static final int ROUND_TRIPS = 20_000;
    /** Now and then the compilers of a JVM take another way for good: what counts is what the code can do. */
    private static final int STARTS = 3;

    private static final int MESSAGE_BYTES = 64;
    /** For what the compilers and one round of a loop's clocks leave behind, spread over all the round trips. */
    private static final double TOLERANCE_BYTES = 8;

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "udp"})
    void replyAllocatesNoMoreThanRawNettyDoes(String scheme) throws IOException {
        double netty = bytesPerEcho(LoopbackBenchmark.NETTY, scheme) + TOLERANCE_BYTES;
        double headrace = bytesPerEcho(LoopbackBenchmark.HEADRACE, scheme);
        for (int more = 1; headrace > netty && more < STARTS; more++) {
            headrace = Math.min(headrace, bytesPerEcho(LoopbackBenchmark.HEADRACE, scheme));
        }

        assertThat(headrace).isLessThanOrEqualTo(netty);
    }

    private static double bytesPerEcho(String server, String scheme) throws IOException {
        try (ChildJvm child = ChildJvm.start(AllocationTest.class, server, scheme)) {
            return Double.parseDouble(child.lineWith("bytes per echo: ").split(": ")[1]);
        }
    }

    /** The least of several rounds: by the last of them the compilers have done what they will. */
    public static void main(String[] args) throws IOException {
        String scheme = args[1];
        double least = Double.MAX_VALUE;
        try (Serving serving = LoopbackBenchmark.serve(args[0], "auto", "echo=" + scheme + "://127.0.0.1:0");
                EchoClient client = scheme.equals("tcp")
                        ? EchoClient.tcp(serving.port(), MESSAGE_BYTES)
                        : EchoClient.udp(serving.port(), MESSAGE_BYTES)) {
            for (int round = 0; round < ROUNDS; round++) {
                least = Math.min(least, bytesPerEcho(client));
            }
        }
        System.out.println("bytes per echo: " + least);
    }

    private static double bytesPerEcho(EchoClient client) throws IOException {
        LoopUse before = LoopUse.now();
        for (int i = 0; i < ROUND_TRIPS; i++) {
            client.roundTrip();
        }
        return (double) LoopUse.now().since(before).allocatedBytes() / ROUND_TRIPS;
    }
}

package io.headrace.bench;

import java.io.IOException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** A datagram there and back, measured as every {@link LoopbackBenchmark} is. */
public class DatagramEchoBenchmark extends LoopbackBenchmark {
    private static final int DATAGRAM_BYTES = 64;

    private Serving serving;
    private EchoClient client;

    @Setup
    public void start() throws IOException {
        serving = serve(server, transport, "echo=udp://127.0.0.1:0");
        client = EchoClient.udp(serving.port(), DATAGRAM_BYTES);
    }

    @Benchmark
    public void echo() throws IOException {
        client.roundTrip();
    }

    @TearDown
    public void stop() throws IOException {
        client.close();
        serving.close();
    }
}

package io.headrace.bench;

import java.io.IOException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Accept, greet, close, measured as every {@link LoopbackBenchmark} is. The client needs a new socket for each operation: some hundred
 * bytes, the same whoever serves, which {@code loop.alloc.norm} does not have.
 */
public class GreetBenchmark extends LoopbackBenchmark {
    private Serving serving;
    private GreetClient client;

    @Setup
    public void start() {
        serving = serve(server, transport, "greet=tcp://127.0.0.1:0");
        client = new GreetClient(serving.port());
    }

    @Benchmark
    public void greeting() throws IOException {
        if (client.greeting() != RawNetty.GREETING.length) {
            throw new IOException("not the whole greeting");
        }
    }

    @TearDown
    public void stop() {
        serving.close();
    }
}

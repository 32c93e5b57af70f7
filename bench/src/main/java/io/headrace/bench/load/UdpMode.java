package io.headrace.bench.load;

import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code headrace load udp}. */
@Command(
        name = "udp",
        description = {
            "Datagrams that the server has to send back as they are, with loss accounted for.",
            "Every answer is in time, reordered, late, duplicate or corrupt; every request without one is lost. A closed loop with",
            "--window in flight per socket; with --rate an open loop. After the run late answers are waited for, as long as --timeout."
        })
final class UdpMode extends ModeCommand {
    private static final int DATAGRAM_BYTES = 65_507;
    private static final int DEFAULT_BYTES = 64;
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    @Option(
            names = {"-R", "--rate"},
            paramLabel = "N|A:B",
            description =
                    "Datagrams a second, of all sockets and shards together, as 1000 or 10k; or a ramp from A to B.")
    private String rate;

    @Option(
            names = {"-w", "--window"},
            paramLabel = "W",
            description = "Datagrams in flight per socket. Default: 1; with --rate at most 65536.")
    private Integer window;

    @Option(
            names = {"-s", "--size"},
            paramLabel = "BYTES",
            converter = Units.Size.class,
            description = "Bytes of a datagram, at least 28. Default: 64.")
    private Integer size;

    @Override
    boolean takes(Destination.Scheme scheme) {
        return scheme.datagrams();
    }

    @Override
    Plan plan(List<Destination> destinations) {
        int bytes = size == null ? DEFAULT_BYTES : size;
        if (bytes < Envelope.BYTES || bytes > DATAGRAM_BYTES) {
            throw new IllegalArgumentException(
                    "--size: " + bytes + " (expected: " + Envelope.BYTES + " to " + DATAGRAM_BYTES + ")");
        }
        int inFlight = window == null ? (rate == null ? 1 : PipelineMode.MOST) : window;
        return load.plan(
                command(),
                "udp",
                DatagramFlow::new,
                destinations,
                new MessageOptions.Choice(MessageOptions.filler(bytes), Answers::same),
                PipelineMode.window(inFlight),
                rate == null ? null : PaceOption.pace(rate),
                gates.gates(),
                PATIENCE);
    }
}

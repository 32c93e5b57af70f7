package io.headrace.bench.load;

import io.headrace.bench.netty.RawBackend;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

    @Option(
            names = {"-R", "--rate"},
            paramLabel = "N|A:B",
            description =
                    "Datagrams a second, of all sockets and shards together, as 1000 or 10k; or a ramp from A to B.")
    private String rate;

    @Mixin
    private WindowOption window;

    @Option(
            names = {"-s", "--size"},
            paramLabel = "BYTES",
            converter = Units.Size.class,
            defaultValue = "64",
            description = "Bytes of a datagram, at least 28. Default: ${DEFAULT-VALUE}.")
    private int size;

    @Override
    boolean takes(Scheme scheme) {
        return scheme.datagrams();
    }

    @Override
    Duration patience() {
        return Duration.ofSeconds(1);
    }

    @Override
    Plan plan(List<Destination> destinations) {
        if (size < Envelope.BYTES || size > DATAGRAM_BYTES) {
            throw new IllegalArgumentException(
                    "--size: " + size + " (expected: " + Envelope.BYTES + " to " + DATAGRAM_BYTES + ")");
        }
        Plan plan = plan(
                destinations,
                DatagramFlow::new,
                MessageOptions.Choice.letters(size),
                window.or(rate == null ? 1 : WindowOption.MOST),
                rate == null ? null : PaceOption.pace(rate));
        boolean paths = destinations.stream().anyMatch(to -> to.scheme() == Scheme.UNIXGRAM);
        if (paths && plan.backend() != RawBackend.EPOLL) {
            throw new IllegalArgumentException(
                    "--transport: " + plan.backend() + " (expected: epoll, for unixgram:/PATH)");
        }
        return plan;
    }
}

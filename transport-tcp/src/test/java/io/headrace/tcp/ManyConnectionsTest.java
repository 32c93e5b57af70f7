package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.headrace.Clock;
import io.headrace.DrainReport;
import io.headrace.Loops;
import io.headrace.Loops.Backend;
import io.headrace.Meter;
import io.headrace.Server;
import io.headrace.stage.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** As many connections as the usual bound on descriptors lets one process hold both ends of. */
@Tag("slow")
class ManyConnectionsTest {
    private static final int CONNECTIONS = 9_000;

    /** TORTURE G5. Their peers do not read, so each of them lingers for its whole second. */
    @ParameterizedTest
    @MethodSource("io.headrace.contract.ContractTest#backends")
    void idleConnectionsAreLetGoWithinThreeSeconds(Backend backend) throws Exception {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        logged.start();
        root.addAppender(logged);
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        Server server = Tcp.listen(0)
                .named("many")
                .options(o -> o.backlog(4_096))
                .loops(Loops.of(backend).threads(2).named("many"))
                .with(Metrics.to(registry))
                .reply(bytes -> bytes)
                .start();
        List<SocketChannel> peers = new ArrayList<>();
        try {
            int meters = registry.getMeters().size();
            connect(server.port(), peers);
            await().atMost(Duration.ofSeconds(30))
                    .until(() ->
                            registry.get(Meter.CONNECTIONS_ACTIVE.id()).gauge().value() == CONNECTIONS);
            int metersThen = registry.getMeters().size();
            long beforeNs = Clock.system().nanoTime();
            int seen = server.connections().size();
            long tookMs = (Clock.system().nanoTime() - beforeNs) / 1_000_000;
            DrainReport report = server.stop(Duration.ofSeconds(3)).join();
            System.out.println(backend + ": " + report + "; seen in " + tookMs + " ms");
            assertThat(seen).isEqualTo(CONNECTIONS);
            assertThat(metersThen).isEqualTo(meters); // TORTURE L1.
            assertThat(report.graceful()).isEqualTo(CONNECTIONS);
            assertThat(report.forced()).isZero();
            assertThat(logged.list).noneMatch(event -> event.getLevel().isGreaterOrEqual(Level.ERROR));
        } finally {
            server.stop(Duration.ZERO).join();
            root.detachAppender(logged);
            for (SocketChannel peer : peers) {
                peer.close();
            }
        }
    }

    private static void connect(int port, List<SocketChannel> peers) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        while (peers.size() < CONNECTIONS) {
            peers.add(SocketChannel.open(address));
        }
    }
}

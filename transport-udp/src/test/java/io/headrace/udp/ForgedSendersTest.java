package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.Codec;
import io.headrace.DropReason;
import io.headrace.Loops;
import io.headrace.Loops.Backend;
import io.headrace.Server;
import io.headrace.Session;
import io.headrace.stage.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Senders that nobody has. */
class ForgedSendersTest {
    private static final int AT_ONCE = 200; // What the smallest receive buffer holds.
    private static final int SESSIONS = 1_024;
    private static final int PEERS = 512;
    private static final long FLAT_BYTES = 512 * 1_024;

    private final Counts counts = new Counts();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private Server server;

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop(Duration.ZERO).join();
        }
    }

    private double meter(String name) {
        return registry.get(name).functionCounter().count();
    }

    /** E3: nobody can have port 0, so nobody is answered there. */
    @OnEachBackend
    void portZeroIsNeverAnswered(Backend backend) throws Exception {
        server = Udp.listen(0)
                .loops(On.loops(backend))
                .with(counts)
                .reply(bytes -> bytes)
                .start();
        try (Spoofer spoofer = Spoofer.to(server.port())) {
            spoofer.send(1, 3, 0);
            await().until(() -> counts.dropped().equals(Map.of(DropReason.LOOP_SUSPECTED, 3L)));
            assertThat(counts.sent).hasValue(0);
            spoofer.send(1, 1, 9_999); // The same sender with a port is answered.
            await().until(() -> counts.sent.get() == 1);
        }
    }

    /** E10, as many as fit into the fast lane. */
    @Test
    void thousandsOfSendersLeaveMemoryFlat() throws Exception {
        flood(20_000);
    }

    /** E10. */
    @Tag("slow")
    @Test
    void aMillionSendersLeaveMemoryFlat() throws Exception {
        flood(1_000_000);
    }

    private void flood(int senders) throws Exception {
        server = Udp.listen(0)
                .loops(Loops.auto().threads(1))
                .with(counts)
                .with(Metrics.to(registry))
                .with(PeerRate.of(1).peers(PEERS))
                .options(o -> o.maxSessions(SESSIONS))
                .codec(Codec.utf8())
                .sessions(me -> new Session<String>() {
                    @Override
                    public void received(String text) {
                        me.send(text);
                    }
                })
                .start();
        try (Spoofer spoofer = Spoofer.to(server.port())) {
            int warmUp = 4_000;
            send(spoofer, 1, warmUp);
            long before = heapBytes();
            send(spoofer, 1 + warmUp, senders);
            long after = heapBytes();
            long came = (long) meter("headrace.datagrams.received");
            assertThat(came).isGreaterThan((warmUp + senders) / 2);
            assertThat(came + (long) meter("headrace.datagrams.lost")).isEqualTo(warmUp + senders);
            assertThat(after - before)
                    .as("bytes of heap after %d senders", senders)
                    .isLessThan(FLAT_BYTES);
            assertThat(meter("headrace.peers.evicted")).isGreaterThan(senders / 4);
            assertThat(registry.get("headrace.connections.active").gauge().value())
                    .isEqualTo(SESSIONS);
        }
    }

    /** No faster than they are read. */
    private void send(Spoofer spoofer, int first, int count) throws Exception {
        for (int sent = 0; sent < count; sent += AT_ONCE) {
            long goal = counts.received.get() + Math.min(AT_ONCE, count - sent);
            spoofer.send(first + sent, Math.min(AT_ONCE, count - sent), 9_999);
            long deadlineNs = System.nanoTime() + 100_000_000L; // Then some were lost, which the meter will tell.
            while (counts.received.get() < goal && System.nanoTime() < deadlineNs) {
                Thread.onSpinWait();
            }
        }
    }

    private static long heapBytes() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}

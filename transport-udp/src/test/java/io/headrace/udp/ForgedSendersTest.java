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
import io.netty.util.internal.PlatformDependent;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;

/** Senders that nobody has. */
class ForgedSendersTest {
    private static final int AT_ONCE = 200; // What the smallest receive buffer holds.
    private static final int SESSIONS = 1_024;
    private static final int PEERS = 512;
    private static final long FLAT_BYTES = 512 * 1_024;
    private static final long FLAT_DIRECT_BYTES = 8 << 20; // A chunk of the pool or two, not a buffer for each sender.

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

    /** E3. */
    @OnEachBackend
    void echoChargenAndDnsAreNotAnsweredByChoice(Backend backend) throws Exception {
        server = Udp.listen(0)
                .loops(On.loops(backend))
                .with(counts)
                .with(SenderCheck.ownAddress().andReflectors())
                .reply(bytes -> bytes)
                .start();
        try (Spoofer spoofer = Spoofer.to(server.port())) {
            for (int port : new int[] {7, 19, 53}) {
                spoofer.send(1, 1, port);
            }
            await().until(() -> counts.dropped().equals(Map.of(DropReason.LOOP_SUSPECTED, 3L)));
            assertThat(counts.sent).hasValue(0);
        }
    }

    /** E3: one datagram that claims to come from another endpoint of this process, which would answer the answer. */
    @OnEachBackend
    void twoEndpointsAreNotSetUponEachOther(Backend backend) throws Exception {
        Loops loops = On.loops(backend);
        server = Server.start(
                Udp.listen(0).named("one").loops(loops).with(counts).reply(bytes -> bytes),
                Udp.listen("::", 0)
                        .named("everywhere")
                        .loops(loops)
                        .with(counts)
                        .reply(bytes -> bytes));
        int one = ((InetSocketAddress) server.addresses("one").get(0)).getPort();
        int everywhere = ((InetSocketAddress) server.addresses("everywhere").get(0)).getPort();
        try (Spoofer spoofer = Spoofer.to(one)) {
            spoofer.send(1, 3, everywhere); // From 127.0.0.1, 127.0.0.2 and 127.0.0.3.
            await().until(() -> counts.dropped().equals(Map.of(DropReason.LOOP_SUSPECTED, 3L)));
        }
        try (Spoofer spoofer = Spoofer.to(everywhere)) {
            spoofer.send(1, 1, one);
            await().until(() -> counts.dropped().equals(Map.of(DropReason.LOOP_SUSPECTED, 4L)));
        }
        assertThat(counts.received).hasValue(4);
        assertThat(counts.sent).hasValue(0);
    }

    /** E10, as many as fit into the fast lane. */
    @OnEachBackend
    void thousandsOfSendersLeaveMemoryFlat(Backend backend) throws Exception {
        flood(backend, 10_000);
    }

    /** E10. */
    @Tag("slow")
    @OnEachBackend
    void aMillionSendersLeaveMemoryFlat(Backend backend) throws Exception {
        flood(backend, 1_000_000);
    }

    private void flood(Backend backend, int senders) throws Exception {
        server = Udp.listen(0)
                .loops(On.loops(backend))
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
            long directBefore = PlatformDependent.usedDirectMemory();
            send(spoofer, 1 + warmUp, senders);
            await().until(() ->
                    meter("headrace.datagrams.received") + meter("headrace.datagrams.lost") == warmUp + senders);
            long after = heapBytes();
            long came = (long) meter("headrace.datagrams.received");
            assertThat(came).isGreaterThan((warmUp + senders) / 2);
            assertThat(came + (long) meter("headrace.datagrams.lost")).isEqualTo(warmUp + senders);
            assertThat(after - before)
                    .as("bytes of heap after %d senders", senders)
                    .isLessThan(FLAT_BYTES);
            assertThat(PlatformDependent.usedDirectMemory() - directBefore)
                    .as("bytes of direct memory after %d senders", senders)
                    .isLessThan(FLAT_DIRECT_BYTES);
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

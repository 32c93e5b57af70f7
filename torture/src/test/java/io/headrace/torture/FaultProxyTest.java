package io.headrace.torture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultProxyTest {
    private LocalServer server;

    @BeforeEach
    void startEcho() {
        server = LocalServer.start(ground -> ground.lines().reply(line -> line), Case.backend());
    }

    @AfterEach
    void stopEcho() {
        server.close();
    }

    private static String line(int bytes) {
        return "x".repeat(bytes - 1) + "\n";
    }

    @Test
    void withoutAFaultItIsTransparent() throws Exception {
        try (FaultProxy proxy = FaultProxy.to(server.port()).open();
                Peer peer = Peer.to(proxy.port())) {
            assertThat(peer.say("Ada\n").finish().restAsText()).isEqualTo("Ada\n");
        }
    }

    @Test
    void latencyIsNeverLessThanItSays() throws Exception {
        try (FaultProxy proxy = FaultProxy.to(server.port())
                        .latency(Duration.ofMillis(60), Duration.ofMillis(10))
                        .open();
                Peer peer = Peer.to(proxy.port())) {
            long startNs = System.nanoTime();
            peer.say("Ada\n").line();
            assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isGreaterThanOrEqualTo(Duration.ofMillis(100));
        }
    }

    @Test
    void bandwidthIsNeverMoreThanItSays() throws Exception {
        try (FaultProxy proxy = FaultProxy.to(server.port()).bandwidth(4_000).open();
                Peer peer = Peer.to(proxy.port())) {
            long startNs = System.nanoTime();
            peer.say(line(1_000)).line();
            // There and back, each a quarter of a second, less the last slice.
            assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isGreaterThanOrEqualTo(Duration.ofMillis(300));
        }
    }

    /** One that has these bytes to read, and keeps the lengths of what is written to it. */
    private static final class Recorded extends Socket {
        private final InputStream input;
        private final List<Integer> writes = new ArrayList<>();
        private final CountDownLatch finished = new CountDownLatch(1);

        Recorded(byte[] input) {
            this.input = new ByteArrayInputStream(input);
        }

        @Override
        public InputStream getInputStream() {
            return input;
        }

        @Override
        public OutputStream getOutputStream() {
            return new OutputStream() {
                @Override
                public void write(int octet) {
                    writes.add(1);
                }

                @Override
                public void write(byte[] bytes, int offset, int length) {
                    writes.add(length);
                }
            };
        }

        @Override
        public void shutdownOutput() {
            finished.countDown();
        }
    }

    @Test
    void slicesAreAsLongAsItSays() throws Exception {
        FaultProxy.Faults faults = FaultProxy.to(1).slice(3);
        Recorded from = new Recorded(new byte[20]);
        Recorded to = new Recorded(new byte[0]);
        new Pipe(from, to, faults, 1, 0, () -> {}).start();
        assertThat(to.finished.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(to.writes).containsExactly(3, 3, 3, 3, 3, 3, 2);
    }

    /** The delays of ten thousand bytes that are read so many at a time. */
    private static List<Long> delays(long seed, int read) {
        Delay delay = new Delay(Duration.ofMillis(50), Duration.ofMillis(20), seed);
        List<Long> delays = new ArrayList<>();
        for (int offset = 0; offset < 10_000; ) {
            int end = Math.min(10_000, offset + Math.min(read, delay.alike(offset)));
            delays.addAll(Collections.nCopies(end - offset, delay.ns(offset)));
            offset = end;
        }
        return delays;
    }

    @Test
    void oneSeedMakesTheSameDelaysHoweverBytesAreRead() {
        List<Long> once = delays(7, 100);
        assertThat(delays(7, 4_096)).isEqualTo(once);
        assertThat(delays(8, 100)).isNotEqualTo(once);
        assertThat(new HashSet<>(once)).hasSize(10).allMatch(ns -> ns >= 30_000_000 && ns <= 70_000_000);
    }

    @Test
    void aLimitEndsTheStreamInTheMiddle() throws Exception {
        try (FaultProxy proxy = FaultProxy.to(server.port()).limit(500).open();
                Peer peer = Peer.to(proxy.port())) {
            assertThat(peer.say(line(1_000)).rest()).hasSize(500);
        }
    }

    @Test
    void aResetIsAReset() throws Exception {
        try (FaultProxy proxy = FaultProxy.to(server.port()).reset(500).open();
                Peer peer = Peer.to(proxy.port())) {
            peer.say(line(1_000));
            assertThatThrownBy(peer::rest).isInstanceOf(SocketException.class);
        }
        await().untilAsserted(() -> assertThat(server.closed("peer_reset")).isEqualTo(1));
    }

    @Test
    void aSlowCloseComesLater() throws Exception {
        try (FaultProxy proxy = FaultProxy.to(server.port())
                        .slowClose(Duration.ofMillis(200))
                        .open();
                Peer peer = Peer.to(proxy.port())) {
            long startNs = System.nanoTime();
            peer.say("Ada\n").finish().rest();
            assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isGreaterThanOrEqualTo(Duration.ofMillis(400));
        }
    }

    @Test
    void aBlackHoleAnswersNothing() throws Exception {
        try (FaultProxy proxy = FaultProxy.to(server.port()).blackHole().open();
                Peer peer = Peer.to(proxy.port())) {
            await().untilAsserted(() -> assertThat(server.active()).isEqualTo(1));
            peer.say("Ada\n").finish();
            assertThat(server.meter("headrace.data.received")).isZero();
            assertThat(server.active()).isEqualTo(1);
        }
    }

    /** Sends 0 to 199 through a network of this seed to a socket of our own; what arrives. */
    private static List<Integer> through(long seed, double drop, double duplicate, double swap) throws Exception {
        List<Integer> arrived = new ArrayList<>();
        try (DatagramSocket target = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0));
                UdpFaultProxy proxy = UdpFaultProxy.to(target.getLocalPort(), seed, drop, duplicate, swap);
                DatagramSocket sender = new DatagramSocket()) {
            for (int i = 0; i < 200; i++) {
                byte[] bytes = String.valueOf(i).getBytes(UTF_8);
                sender.send(new DatagramPacket(bytes, bytes.length, new InetSocketAddress("127.0.0.1", proxy.port())));
            }
            await().until(() -> proxy.taken() == 200); // All that will come waits for us.
            target.setSoTimeout(1);
            DatagramPacket packet = new DatagramPacket(new byte[16], 16);
            while (true) {
                target.receive(packet);
                arrived.add(Integer.valueOf(new String(packet.getData(), 0, packet.getLength(), UTF_8)));
            }
        } catch (SocketTimeoutException noMore) {
            return arrived;
        }
    }

    @Test
    void datagramsAreLostDoubledAndSwappedBySeed() throws Exception {
        List<Integer> once = through(7, 0.2, 0.1, 0.1);
        assertThat(through(7, 0.2, 0.1, 0.1)).isEqualTo(once);
        assertThat(new HashSet<>(once).size()).isBetween(120, 190).isLessThan(once.size());
        assertThat(once).isNotEqualTo(once.stream().sorted().toList());
    }
}

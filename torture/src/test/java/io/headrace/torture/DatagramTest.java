package io.headrace.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.Loops.Backend;
import io.headrace.stage.Metrics;
import io.headrace.udp.Udp;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/** E: floods of datagrams. */
class DatagramTest extends Case {
    private static final int PER_SECOND = 50_000;
    private static final int BYTES = 64;

    @Row("E5")
    @OnEveryBackend
    void aShortFloodLeavesStreamsAlone(Backend backend) throws Exception {
        flood(backend, 1, false);
    }

    @Row("E5")
    @OnEveryBackend
    void aShortFloodThatIsSpreadLeavesStreamsAlone(Backend backend) throws Exception {
        flood(backend, 1, true);
    }

    @Row("E5")
    @Tag("slow")
    @OnEveryBackend
    @Timeout(120)
    void aFloodLeavesStreamsAlone(Backend backend) throws Exception {
        flood(backend, 10, false);
    }

    @Row("E5")
    @Tag("slow")
    @OnEveryBackend
    @Timeout(120)
    void aFloodThatIsSpreadLeavesStreamsAlone(Backend backend) throws Exception {
        flood(backend, 10, true);
    }

    /** Every datagram was received or is one that the kernel dropped; every one that was received was answered or is counted as dropped. */
    private void flood(Backend backend, int seconds, boolean spread) throws Exception {
        bystandersMaySlowDown(3);
        LocalServer server = serve(backend, ground -> {
            var echo = Udp.listen(0).named(Serving.ROW).loops(ground.loops()).with(Metrics.to(ground.registry()));
            return (spread ? echo.spread() : echo).reply(bytes -> bytes);
        });
        long directBytes = server.directBytes();
        int sent = send(server.port(), seconds);
        await().untilAsserted(() -> {
            assertThat(server.meter("headrace.datagrams.received") + server.meter("headrace.datagrams.lost"))
                    .isEqualTo(sent);
            assertThat(server.meter("headrace.datagrams.sent") + server.meter("headrace.datagrams.dropped"))
                    .isEqualTo(server.meter("headrace.datagrams.received"));
        });
        assertThat(server.meter("headrace.datagrams.received")).isGreaterThan(sent / 10);
        assertThat(server.directBytes()).isLessThan(directBytes + (32 << 20));
    }

    /** At the rate of the row, from sixteen peers in turn, a millisecond's worth at a time. */
    static int send(int port, int seconds) throws Exception {
        DatagramChannel[] peers = new DatagramChannel[16];
        try {
            for (int i = 0; i < peers.length; i++) {
                peers[i] = DatagramChannel.open().connect(new InetSocketAddress("127.0.0.1", port));
            }
            ByteBuffer datagram = ByteBuffer.allocateDirect(BYTES);
            int total = seconds * PER_SECOND;
            long startNs = System.nanoTime();
            for (int i = 0; i < total; i++) {
                if (i % (PER_SECOND / 1_000) == 0) {
                    long dueNs = startNs + TimeUnit.SECONDS.toNanos(1) * i / PER_SECOND;
                    LockSupport.parkNanos(dueNs - System.nanoTime());
                }
                datagram.clear();
                peers[i % peers.length].write(datagram);
            }
            return total;
        } finally {
            for (DatagramChannel peer : peers) {
                if (peer != null) {
                    peer.close();
                }
            }
        }
    }
}

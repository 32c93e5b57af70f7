package io.headrace.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.stage.Metrics;
import io.headrace.tcp.OutboundBudget;
import io.headrace.udp.Udp;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * M1: one endpoint after the other is attacked as other rows do it, on loops of its own, and the bystanders on theirs must not feel more than
 * the universal check allows. The attack by handshakes (D5) waits for TLS.
 */
class IsolationTest extends Case {

    @Row("M1")
    @Test
    void aHandlerThatBlocks() throws Exception {
        LocalServer server =
                serve(ground -> ground.lines().loops(ground.otherLoops()).reply(line -> {
                    Blocking.forMs(50); // What a handler may do wrong on loops that are its own.
                    return line;
                }));
        Crowd attack = closing(Crowd.of(server.port(), 20));
        attack.say("block\n");
        attack.lines(1);
    }

    @Row({"M1", "E5"})
    @Test
    void aFloodOfDatagrams() throws Exception {
        LocalServer server = serve(ground -> Udp.listen(0)
                .named(Serving.ROW)
                .loops(ground.otherLoops())
                .with(Metrics.to(ground.registry()))
                .reply(bytes -> bytes));
        assertThat(DatagramTest.send(server.port(), 1)).isPositive();
    }

    @Row({"M1", "C2"})
    @Test
    void peersThatNeverRead() throws Exception {
        LocalServer server = serve(ground -> ground.listen()
                .loops(ground.otherLoops())
                .options(o -> o.sendBufferBytes(16_384))
                .with(OutboundBudget.of(1 << 20))
                .sessions(connection ->
                        new WriteTest.Stream(connection, 1L << 30, new AtomicLong(), new CopyOnWriteArrayList<>())));
        for (int i = 0; i < 100; i++) {
            closing(Peer.small(server.port(), 4_096));
        }
        await().untilAsserted(() -> assertThat(server.closed("outbound_budget")).isPositive());
    }

    @Row({"M1", "B2"})
    @Test
    void peersThatBreakTheFraming() throws Exception {
        LocalServer server =
                serve(ground -> ground.lines().loops(ground.otherLoops()).reply(line -> line));
        breakTheFraming(server, 500);
        await().untilAsserted(() -> assertThat(server.closed("frame_too_large")).isEqualTo(500));
    }

    private static void breakTheFraming(LocalServer server, int peers) throws Exception {
        byte[] tooLong = new byte[2_000];
        for (int i = 0; i < peers; i++) {
            try (Peer peer = Peer.to(server.port())) {
                peer.trySay(tooLong);
                assertThat(peer.ends()).isTrue();
            }
        }
    }

    /** Told, and not judged: what others do on this machine is in the numbers, and in the control's beside them. A ratio of so little says nothing there. */
    @Row("M1")
    @Tag("slow")
    @Test
    void onSharedLoopsItIsToldHowSlowTheyAre(TestReporter reporter) throws Exception {
        bystandersMayWait();
        LocalServer server = serve(ground -> ground.lines().reply(line -> {
            Blocking.forMs(line.equals("block") ? 50 : 0);
            return line;
        }));
        reporter.publishEntry("shared loops, broken frames", slowness(() -> breakTheFraming(server, 3_000)));
        Crowd blocking = closing(Crowd.of(server.port(), 20));
        reporter.publishEntry("shared loops, a handler that blocks for 50 ms", slowness(() -> {
            blocking.say("block\n");
            blocking.lines(1);
        }));
    }
}

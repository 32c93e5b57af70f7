package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.CloseReason;
import io.headrace.Codec;
import io.headrace.Connection;
import io.headrace.Endpoint;
import io.headrace.LogCapture;
import io.headrace.Meter;
import io.headrace.Server;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** 240 bytes a second, or the connection ends after 5 s; on a clock that the test moves. */
class MinimumRateTest extends StreamTest {
    private static final int MESSAGE_BYTES = 8 * 1_024 * 1_024;

    private void pass(long seconds) {
        clock.advance(Duration.ofSeconds(seconds));
    }

    private Server startLines() {
        return start(listen().with(MinimumRate.of(240))
                .with(Framing.lines(1 << 20))
                .codec(Codec.utf8())
                .reply(message -> String.valueOf(message.length())));
    }

    private StreamPeer dialAndSend(Server server, String bytes) throws Exception {
        StreamPeer peer = dial(server);
        peer.send(bytes);
        await().until(() -> lives.begun() == 1 && lives.get(0).received() == bytes.length());
        return peer;
    }

    private void send(StreamPeer peer, String bytes) throws Exception {
        long expected = lives.get(0).received() + bytes.length();
        peer.send(bytes);
        await().until(() -> lives.get(0).received() == expected);
    }

    @Test
    void aFrameThatDripsIsGivenUpAfterTheGrace() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            StreamPeer peer = dialAndSend(startLines(), "x");
            for (int i = 0; i < 5; i++) {
                pass(1);
                send(peer, "x");
            }
            assertThat(lives.reasons()).isEmpty();
            pass(1);
            assertThat(peer.hear()).isNull();
            peer.close();
            awaitReasons(CloseReason.TOO_SLOW);
            assertThat(log.warnings()).hasSize(1);
            assertThat(log.warnings().get(0)).contains("slower than MinimumRate");
        }
    }

    @Test
    void aQuickStartDoesNotPayForASlowEnd() throws Exception {
        StreamPeer peer = dialAndSend(startLines(), "x".repeat(100_000));
        for (int i = 0; i < 12; i++) {
            pass(1);
        }
        assertThat(peer.hear()).isNull();
        peer.close();
        awaitReasons(CloseReason.TOO_SLOW);
    }

    @Test
    void whoKeepsTheRateMayTakeAllTheTimeThatTheFrameHas() throws Exception {
        StreamPeer peer = dialAndSend(startLines(), "x");
        for (int i = 0; i < 25; i++) {
            pass(1);
            send(peer, "x".repeat(300));
        }
        assertThat(lives.reasons()).isEmpty();
        send(peer, "\n");
        assertThat(peer.hear()).isEqualTo("7501");
    }

    @Test
    void nobodyIsSlowWhileTheProcessIsStopped() throws Exception {
        StreamPeer peer = dialAndSend(startLines(), "x");
        for (int i = 0; i < 25; i++) {
            pass(1);
            send(peer, "x".repeat(300));
            if (i % 10 == 2) {
                clock.pause(Duration.ofMinutes(10));
            }
        }
        assertThat(lives.reasons()).isEmpty();
        send(peer, "\n");
        assertThat(peer.hear()).isEqualTo("7501");
    }

    @Test
    void whoOwesNothingMayBeSilent() throws Exception {
        StreamPeer peer = dialAndSend(startLines(), "xx\n");
        assertThat(peer.hear()).isEqualTo("2");
        pass(200);
        assertThat(lives.reasons()).isEmpty();
    }

    @Test
    void eachFrameHasItsOwnGrace() throws Exception {
        StreamPeer peer = dialAndSend(startLines(), "x");
        for (int i = 0; i < 10; i++) {
            pass(4);
            send(peer, "\nx");
            assertThat(peer.hear()).isEqualTo("1");
        }
        assertThat(lives.reasons()).isEmpty();
    }

    private Connection<Object> push(CompletableFuture<Connection<Object>> held) throws Exception {
        Connection<Object> connection = get(held);
        assertThat(connection.send(new byte[MESSAGE_BYTES])).isTrue();
        await().until(() -> !connection.writable());
        return connection;
    }

    @Test
    void whoReadsAByteASecondIsCutOff() throws Exception {
        CompletableFuture<Connection<Object>> held = new CompletableFuture<>();
        Server server = start(listen().with(MinimumRate.of(240)).onConnect(held::complete));

        StreamPeer peer = dialSmall(server);
        push(held);
        for (int i = 0; i < 15; i++) { // The system's buffers are filled first, and that is quick.
            assertThat(peer.receive(1)).hasSize(1);
            pass(1);
        }
        awaitReasons(CloseReason.TOO_SLOW);
        assertThat(total(Meter.DATA_DROPPED)).isPositive();
        peer.close();
    }

    @Test
    void whoReadsSteadilyIsServedToTheEnd() throws Exception {
        CompletableFuture<Connection<Object>> held = new CompletableFuture<>();
        Server server = start(listen().with(MinimumRate.of(240)).onConnect(held::complete));

        StreamPeer peer = dialSmall(server);
        push(held).close();
        for (int i = 0; i < 4; i++) { // In pieces that the system's buffers cannot hide.
            for (int left = MESSAGE_BYTES / 4; left > 0; ) {
                byte[] some = peer.receive(left);
                assertThat(some).isNotEmpty();
                left -= some.length;
            }
            pass(4);
        }
        assertThat(peer.receive(1)).isEmpty();
        peer.close();
        awaitReasons(CloseReason.APPLICATION);
    }
}

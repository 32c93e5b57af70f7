package io.headrace.torture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.tcp.FirstByteTimeout;
import io.headrace.tcp.FrameTimeout;
import io.headrace.tcp.IdleTimeout;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Group L: what operators see meanwhile. */
class ObservabilityTest extends Case {
    private static final String SECRET = "hunter2";

    private static String answer(String line) {
        if (line.startsWith("fail")) {
            throw new IllegalStateException("as asked");
        }
        return line;
    }

    @Row("L1")
    @Test
    void aThousandPeersMakeNoMeter() throws Exception {
        peersMakeNoMeter(1_000);
    }

    @Row("L1")
    @Tag("slow")
    @Test
    @Timeout(300)
    void aHundredThousandPeersMakeNoMeter() throws Exception {
        bystandersMaySlowDown(5);
        peersMakeNoMeter(100_000);
    }

    private void peersMakeNoMeter(int peers) throws Exception {
        LocalServer server = serve(ground -> ground.lines().reply(ObservabilityTest::answer));
        int before = server.meterCount();
        for (int i = 0; i < peers; i++) {
            String address = "127." + (1 + (i >> 16)) + "." + (i >> 8 & 0xff) + "." + (i & 0xff);
            try (Peer peer = Peer.from(address.equals("127.1.0.0") ? "127.0.0.1" : address, server.port())) {
                peer.say((i % 10 == 0 ? "fail" : "peer-") + i + "\n");
                peer.line();
            }
        }
        assertThat(server.meterCount()).isEqualTo(before);
        await().untilAsserted(() -> assertThat(server.active()).isZero());
    }

    @Row("L4")
    @Test
    void eachAttackMovesItsOwnCounter() throws Exception {
        LocalServer server = serve(ground -> ground.lines()
                .with(FirstByteTimeout.after(Duration.ofMillis(300)))
                .with(IdleTimeout.after(Duration.ofMillis(600)))
                .with(FrameTimeout.after(Duration.ofMillis(300)))
                .reply(ObservabilityTest::answer));
        dial(server);
        dial(server).say("hello\n");
        dial(server).say("half a li");
        dial(server).say("x".repeat(1_100));
        dial(server).say(new byte[] {(byte) 0xff, '\n'});
        dial(server).say("fail\n");
        dial(server).say("half").finish();
        Peer resetting = dial(server).say("half");
        await().untilAsserted(
                        () -> assertThat(server.meter("headrace.data.received")).isGreaterThan(1_100));
        await().untilAsserted(() -> assertThat(server.accepted()).isEqualTo(8));
        resetting.reset();
        Map<String, Double> expected = Map.of(
                "first_byte_timeout", 1.0,
                "idle_timeout", 1.0,
                "frame_timeout", 1.0,
                "frame_too_large", 1.0,
                "message_malformed", 1.0,
                "handler_failed", 1.0,
                "peer_finished", 1.0,
                "peer_reset", 1.0);
        await().untilAsserted(() -> expected.forEach(
                (reason, count) -> assertThat(server.closed(reason)).as(reason).isEqualTo(count)));
    }

    @Row("L5")
    @Test
    void nothingThatAPeerSaysIsLogged() throws Exception {
        LocalServer server = serve(ground ->
                ground.lines().with(FrameTimeout.after(Duration.ofMillis(300))).reply(ObservabilityTest::answer));
        dial(server).say("fail " + SECRET + "\n");
        dial(server).say(SECRET.repeat(200));
        dial(server).say((SECRET + "\u00ff\n").getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
        dial(server).say("an unfinished " + SECRET);
        dial(server).say(SECRET.getBytes(UTF_8)).reset();
        await().untilAsserted(() -> assertThat(server.closed("handler_failed")
                        + server.closed("frame_too_large")
                        + server.closed("message_malformed")
                        + server.closed("frame_timeout"))
                .isEqualTo(4));
        assertThat(server.log())
                .hasSizeGreaterThanOrEqualTo(4)
                .noneMatch(line -> line.message().contains(SECRET));
    }
}

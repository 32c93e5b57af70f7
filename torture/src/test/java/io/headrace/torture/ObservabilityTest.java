package io.headrace.torture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.Workers;
import io.headrace.stage.InFlightLimit;
import io.headrace.stage.Metrics;
import io.headrace.tcp.FirstByteTimeout;
import io.headrace.tcp.FrameTimeout;
import io.headrace.tcp.IdleTimeout;
import io.headrace.udp.Udp;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
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
        Random random = new Random(peers);
        for (int i = 0; i < peers; i++) {
            String address = "127." + (1 + (i >> 16)) + "." + (i >> 8 & 0xff) + "." + (i & 0xff);
            try (Peer peer = Peer.from(address.equals("127.1.0.0") ? "127.0.0.1" : address, server.port())) {
                switch (i % 10) {
                    case 0 -> peer.say("fail" + i + "\n").line();
                    case 1 -> peer.say(garbage(random)).ends();
                    default -> peer.say("peer-" + i + "\n").line();
                }
            }
        }
        assertThat(server.meterCount()).isEqualTo(before);
        await().untilAsserted(() -> assertThat(server.active()).isZero());
    }

    /** Never a line of UTF-8. */
    private static byte[] garbage(Random random) {
        byte[] garbage = new byte[64];
        random.nextBytes(garbage);
        garbage[0] = (byte) 0xff;
        garbage[63] = '\n';
        return garbage;
    }

    /** Reads every meter again and again, as whoever scrapes does; gives how long the slowest time took. */
    private static final class Scraping extends Thread {
        private final LocalServer server;
        private volatile boolean over;
        private long slowestNs;
        private int scrapes;

        Scraping(LocalServer server) {
            super("scraping");
            this.server = server;
        }

        @Override
        public void run() {
            while (!over) {
                long startNs = System.nanoTime();
                server.scrape();
                slowestNs = Math.max(slowestNs, System.nanoTime() - startNs);
                scrapes++;
            }
        }

        void requireQuick() throws InterruptedException {
            over = true;
            join();
            assertThat(scrapes).isPositive();
            assertThat(Duration.ofNanos(slowestNs)).isLessThan(Duration.ofSeconds(1));
        }
    }

    @Row("L3")
    @Test
    void aScrapeIsAnsweredWhileEveryLoopIsBlocked() throws Exception {
        bystandersMayWait();
        LocalServer server = serve(ground -> ground.lines().reply(line -> {
            Blocking.forMs(1_500);
            return line;
        }));
        inOneOfThree(() -> {
            Scraping scraping = new Scraping(server);
            Crowd crowd = closing(Crowd.of(server.port(), 2)); // One on each loop.
            crowd.say("block\n");
            scraping.start();
            crowd.lines(1);
            scraping.requireQuick();
        });
    }

    @Row({"L3", "E5"})
    @Test
    void aScrapeIsAnsweredDuringAFlood() throws Exception {
        bystandersMaySlowDown(5);
        LocalServer server = serve(ground -> Udp.listen(0)
                .named(Serving.ROW)
                .loops(ground.loops())
                .with(Metrics.to(ground.registry()))
                .reply(bytes -> bytes));
        inOneOfThree(() -> {
            Scraping scraping = new Scraping(server);
            scraping.start();
            assertThat(DatagramTest.send(server.port(), 1)).isPositive();
            scraping.requireQuick();
        });
    }

    @Row("L3")
    @Test
    void aScrapeIsAnsweredWhileTwiceAsMuchIsAskedAsCanBeDone() throws Exception {
        bystandersMaySlowDown(5);
        LocalServer server = serve(ground -> ground.lines()
                .with(InFlightLimit.of(16))
                .with(Workers.perMessage().atMost(4))
                .otherwise((line, outcome) -> "busy")
                .reply(line -> {
                    Blocking.forMs(4);
                    return "done";
                }));
        try (Pace pace = Pace.of(server.port(), 50)) {
            Scraping scraping = new Scraping(server);
            scraping.start();
            // Four at a time, four milliseconds each, are a thousand in a second.
            assertThat(pace.at(2_000, Duration.ofSeconds(1)).count("busy")).isPositive();
            scraping.requireQuick();
        }
    }

    @Row("L4")
    @Test
    void eachAttackMovesItsOwnCounter() throws Exception {
        LocalServer server = serve(ground -> ground.lines()
                .with(FirstByteTimeout.after(Duration.ofMillis(1_500)))
                .with(IdleTimeout.after(Duration.ofMillis(2_500)))
                .with(FrameTimeout.after(Duration.ofMillis(1_500)))
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
                        () -> assertThat(server.own("headrace.data.received")).isGreaterThan(1_100));
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

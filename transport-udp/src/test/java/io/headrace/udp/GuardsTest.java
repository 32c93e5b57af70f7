package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headrace.Clock;
import io.headrace.Codec;
import io.headrace.DropReason;
import io.headrace.Endpoint;
import io.headrace.Exchange;
import io.headrace.LogCapture;
import io.headrace.Loops;
import io.headrace.Loops.Backend;
import io.headrace.ManualClock;
import io.headrace.Server;
import io.headrace.stage.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The endpoint cannot be turned against others, nor against itself. */
class GuardsTest {
    private final Counts counts = new Counts();
    private Server server;

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop(Duration.ZERO).join();
        }
    }

    private UdpSetup<String, String> texts(Backend backend) {
        return Udp.listen(0).loops(On.loops(backend)).with(counts).codec(Codec.utf8());
    }

    /** E4: every request size from 0 to 1,500; each is asked twice, and the first answer is one byte too long. */
    @OnEachBackend
    void noReplyIsLongerThanThreeTimesItsRequest(Backend backend) throws Exception {
        AtomicInteger asked = new AtomicInteger();
        server = texts(backend)
                .options(o -> o.maxDatagramBytes(1_500))
                .reply(text -> "x".repeat(3 * (text.length() + 28) + (asked.incrementAndGet() % 2)))
                .start();
        try (Caller caller = Caller.of(server)) {
            for (int request = 0; request <= 1_500; request++) {
                String text = "q".repeat(request);
                assertThat(caller.send(text).ask(text)).hasSize(3 * (request + 28));
            }
            assertThat(counts.dropped()).isEqualTo(Map.of(DropReason.REPLY_LIMIT, 1_501L));
        }
    }

    @OnEachBackend
    void whatIsSentBesideTheAnswerCountsAsReplyToo(Backend backend) throws Exception {
        server = texts(backend)
                .<String>handle((text, exchange) -> {
                    assertThat(exchange.peer().send("x".repeat(50))).isTrue(); // 50 + 28 of 87
                    assertThat(exchange.peer().send("x".repeat(10))).isFalse(); // 9 left
                    exchange.reply("123456789");
                })
                .start();
        try (Caller caller = Caller.of(server)) {
            assertThat(caller.ask("q")).hasSize(50);
            assertThat(caller.receive()).isEqualTo("123456789");
            assertThat(counts.dropped()).isEqualTo(Map.of(DropReason.REPLY_LIMIT, 1L));
        }
    }

    @OnEachBackend
    void aReplyOverTheLimitIsSaidWithTheOption(Backend backend) throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            server = texts(backend).reply(text -> "x".repeat(1_000)).start();
            try (Caller caller = Caller.of(server)) {
                caller.send("q");
                await().until(() -> !counts.dropped().isEmpty());
                await().until(() -> log.warnings().stream().anyMatch(line -> line.contains("ReplyLimit.off()")));
            }
        }
    }

    @OnEachBackend
    void longRepliesMayBeAllowed(Backend backend) throws Exception {
        server = texts(backend)
                .with(ReplyLimit.off())
                .reply(text -> "x".repeat(1_000))
                .start();
        try (Caller caller = Caller.of(server)) {
            assertThat(caller.ask("q")).hasSize(1_000);
        }
    }

    /** E3: what seems to come from ourselves would be answered for ever. */
    @OnEachBackend
    void whatComesFromTheEndpointItselfIsDropped(Backend backend) throws Exception {
        server = texts(backend)
                .<String>handle((text, exchange) -> {
                    DatagramPeer<String> peer = DatagramPeer.of(exchange.peer());
                    peer.to((InetSocketAddress) peer.localAddress()).send("ping");
                    exchange.reply("sent");
                })
                .start();
        try (Caller caller = Caller.of(server)) {
            assertThat(caller.ask("go")).isEqualTo("sent");
            await().until(() -> counts.dropped().equals(Map.of(DropReason.LOOP_SUSPECTED, 1L)));
            assertThat(counts.received).hasValue(2);
        }
    }

    @OnEachBackend
    void anEndpointOnEveryAddressKnowsItsOwn(Backend backend) throws Exception {
        server = Udp.listen("0.0.0.0", 0)
                .loops(On.loops(backend))
                .with(counts)
                .codec(Codec.utf8())
                .<String>handle((text, exchange) -> {
                    DatagramPeer<String> peer = DatagramPeer.of(exchange.peer());
                    int port = ((InetSocketAddress) peer.localAddress()).getPort();
                    peer.to(new InetSocketAddress("127.0.0.1", port)).send("ping");
                    exchange.consume();
                })
                .start();
        try (Caller caller = Caller.listening()) {
            caller.to(new InetSocketAddress("127.0.0.1", ((InetSocketAddress) server.address()).getPort()));
            caller.send("go");
            await().until(() -> counts.dropped().equals(Map.of(DropReason.LOOP_SUSPECTED, 1L)));
            assertThat(counts.received).hasValue(2);
        }
    }

    /** E3: two echoes of one process would keep a datagram for ever. */
    @OnEachBackend
    void endpointsOfOneProcessDoNotAnswerEachOther(Backend backend) throws Exception {
        Loops loops = On.loops(backend);
        for (String host : List.of("127.0.0.1", "0.0.0.0", "::")) {
            Counts echoes = new Counts();
            try (Server other = Udp.listen(host, 0)
                            .loops(loops)
                            .with(counts)
                            .codec(Codec.utf8())
                            .<String>handle((place, exchange) -> {
                                InetSocketAddress echo = new InetSocketAddress("127.0.0.1", Integer.parseInt(place));
                                DatagramPeer.of(exchange.peer()).to(echo).send("ping");
                                exchange.consume();
                            })
                            .start();
                    Server echo = Udp.listen(0)
                            .loops(loops)
                            .with(echoes)
                            .reply(bytes -> bytes)
                            .start();
                    Caller caller = Caller.listening()) {
                caller.to(new InetSocketAddress("127.0.0.1", other.port())).send("" + echo.port());
                await().until(() -> echoes.dropped().equals(Map.of(DropReason.LOOP_SUSPECTED, 1L)));
                assertThat(echoes.sent).hasValue(0);
            }
        }
        assertThat(counts.dropped()).isEmpty();
    }

    @OnEachBackend
    void whoHasThePortOfAnEndpointThatEndedIsAnswered(Backend backend) throws Exception {
        InetSocketAddress free;
        try (Server ended = texts(backend).reply(text -> text).start()) {
            free = (InetSocketAddress) ended.address();
        }
        server = texts(backend).reply(text -> text).start();
        try (Caller caller = Caller.on(free)) {
            assertThat(caller.to(server.address()).ask("Ada")).isEqualTo("Ada");
        }
    }

    @OnEachBackend
    void whoHasThePortOfAnEndpointOnAnotherAddressIsAnswered(Backend backend) throws Exception {
        server = texts(backend).reply(text -> text).start();
        try (Server elsewhere = Udp.listen("127.0.0.2", 0)
                        .loops(On.loops(backend))
                        .reply(bytes -> bytes)
                        .start();
                Caller caller = Caller.on(new InetSocketAddress("127.0.0.1", elsewhere.port()))) {
            assertThat(caller.to(server.address()).ask("Ada")).isEqualTo("Ada");
        }
    }

    @OnEachBackend
    void reflectorsAreNotAnsweredByChoice(Backend backend) throws Exception {
        server = texts(backend)
                .with(SenderCheck.ownAddress().andReflectors())
                .reply(text -> text)
                .start();
        try (DatagramSocket memcached = new DatagramSocket(11_211, InetAddress.getByName("127.77.0.1"));
                Caller caller = Caller.of(server)) {
            memcached.send(new DatagramPacket(new byte[1], 1, server.address()));
            assertThat(caller.ask("Ada")).isEqualTo("Ada");
            await().until(() -> counts.dropped().equals(Map.of(DropReason.LOOP_SUSPECTED, 1L)));
        }
    }

    @OnEachBackend
    void theRateHoldsForTheWholeEndpoint(Backend backend) throws Exception {
        ManualClock clock = Clock.manual();
        server = Udp.listen(0)
                .loops(On.loops(backend).clock(clock))
                .with(counts)
                .with(DatagramRate.of(10).burst(2))
                .reply(bytes -> bytes)
                .start();
        try (Caller ada = Caller.of(server);
                Caller bob = Caller.of(server)) {
            ada.ask("1");
            bob.ask("2");
            ada.send("3");
            await().until(() -> counts.dropped().equals(Map.of(DropReason.RATE, 1L)));
            clock.advance(Duration.ofMillis(100));
            assertThat(bob.ask("4")).isEqualTo("4");
        }
    }

    @OnEachBackend
    void eachPeerHasARateOfItsOwn(Backend backend) throws Exception {
        ManualClock clock = Clock.manual();
        server = Udp.listen("0.0.0.0", 0)
                .loops(On.loops(backend).clock(clock))
                .with(counts)
                .with(PeerRate.of(10).burst(1))
                .reply(bytes -> bytes)
                .start();
        int port = ((InetSocketAddress) server.address()).getPort();
        try (Caller ada = Caller.at("127.0.0.2");
                Caller sameAddress = Caller.at("127.0.0.2");
                Caller bob = Caller.at("127.0.0.3")) {
            InetSocketAddress target = new InetSocketAddress("127.0.0.1", port);
            assertThat(ada.to(target).ask("1")).isEqualTo("1");
            sameAddress.to(target).send("2");
            await().until(() -> counts.dropped().equals(Map.of(DropReason.PEER_RATE, 1L)));
            assertThat(bob.to(target).ask("3")).isEqualTo("3");
            clock.advance(Duration.ofMillis(100));
            assertThat(ada.ask("4")).isEqualTo("4");
        }
    }

    @OnEachBackend
    void moreUnansweredDatagramsThanTheBoundAreCounted(Backend backend) throws Exception {
        Queue<Exchange<String>> open = new ConcurrentLinkedQueue<>();
        server = texts(backend)
                .<String>handle((text, exchange) -> {
                    open.add(exchange);
                    exchange.peer().send("taken");
                })
                .start();
        try (Caller caller = Caller.of(server)) {
            for (int i = 0; i < 16_384; i++) {
                caller.ask("");
            }
            caller.send("one too many");
            await().until(() -> counts.dropped().equals(Map.of(DropReason.TOO_MANY_OPEN, 1L)));
            assertThat(open).hasSize(16_384);
        }
    }

    /** E5: what the system drops, while the loop is busy elsewhere, can be read from a meter. */
    @OnEachBackend
    void whatTheSystemDropsIsMetered(Backend backend) throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        CountDownLatch busy = new CountDownLatch(1);
        server = texts(backend)
                .with(Metrics.to(registry))
                .options(o -> o.receiveBufferBytes(2_048))
                .consume(text -> waitFor(busy))
                .start();
        try (Caller caller = Caller.of(server)) {
            caller.send("hold");
            await().until(() -> counts.received.get() == 1);
            for (int i = 0; i < 200; i++) {
                caller.send(new byte[1_000]);
            }
            assertThat(registry.get("headrace.datagrams.lost").functionCounter().count())
                    .isGreaterThan(100);
        } finally {
            busy.countDown();
        }
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void theDefaultsAreOnTheLine() {
        assertThat(Udp.listen(9).named("u").reply(bytes -> bytes).toString())
                .contains("sender not ourselves*")
                .contains("reply at most 3 x request*");
        assertThat(Udp.listen(9).bare().reply(bytes -> bytes).toString()).doesNotContain("reply at most");
    }

    @Test
    void allBadRatesAreReportedTogether() {
        var endpoint = Udp.listen(0)
                .with(ReplyLimit.times(0))
                .with(DatagramRate.of(0))
                .with(PeerRate.of(1).burst(0).peers(0))
                .reply(bytes -> bytes);
        assertThatThrownBy(endpoint::start)
                .hasMessageContaining("ReplyLimit.times: 0")
                .hasMessageContaining("DatagramRate.of: 0")
                .hasMessageContaining("PeerRate.burst: 0")
                .hasMessageContaining("PeerRate.peers: 0");
    }
}

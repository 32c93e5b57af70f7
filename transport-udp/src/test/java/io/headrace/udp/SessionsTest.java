package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.Clock;
import io.headrace.CloseReason;
import io.headrace.Codec;
import io.headrace.Connection;
import io.headrace.Loops.Backend;
import io.headrace.ManualClock;
import io.headrace.Server;
import io.headrace.Session;
import io.headrace.stage.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;

/** Peers that are remembered, by choice. */
class SessionsTest {
    private final ManualClock clock = Clock.manual();
    private final Queue<CloseReason> closed = new ConcurrentLinkedQueue<>();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private Server server;

    /** It says how often its peer has spoken; as it stands here it would serve a stream as well. */
    private class Counting implements Session<String> {
        private final Connection<String> me;
        private int heard;

        Counting(Connection<String> me) {
            this.me = me;
        }

        @Override
        public void opened() {
            me.send("welcome");
        }

        @Override
        public void received(String text) {
            heard++;
            switch (text) {
                case "throw" -> throw new IllegalStateException("as the test wants");
                case "bye" -> me.sendAndClose("bye");
                case "fail" -> me.fail(new IllegalStateException("as the test wants"));
                default -> me.send(text + heard);
            }
        }

        @Override
        public void closed(CloseReason reason) {
            closed.add(reason);
        }
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop(Duration.ZERO).join();
        }
    }

    private UdpSetup<String, String> texts(Backend backend) {
        return Udp.listen(0)
                .loops(On.loops(backend).clock(clock))
                .with(Metrics.to(registry))
                .options(o -> o.maxSessions(2).sessionIdle(Duration.ofSeconds(60)))
                .codec(Codec.utf8());
    }

    private double meter(String name) {
        return registry.get(name).meters().stream()
                .flatMap(meter -> {
                    var values = new ArrayList<Double>();
                    meter.measure().forEach(measurement -> values.add(measurement.getValue()));
                    return values.stream();
                })
                .mapToDouble(Double::doubleValue)
                .sum();
    }

    @OnEachBackend
    void eachPeerHasASessionOfItsOwn(Backend backend) throws Exception {
        server = texts(backend).sessions(Counting::new).start();
        try (Caller ada = Caller.of(server);
                Caller bob = Caller.of(server)) {
            assertThat(ada.ask("a")).isEqualTo("welcome");
            assertThat(ada.receive()).isEqualTo("a1");
            assertThat(ada.ask("a")).isEqualTo("a2");
            assertThat(bob.ask("b")).isEqualTo("welcome");
            assertThat(bob.receive()).isEqualTo("b1");
            assertThat(ada.ask("a")).isEqualTo("a3");
            assertThat(closed).isEmpty();
        }
    }

    @OnEachBackend
    void aSessionEndsAfterItsIdleTimeAndBeginsAnew(Backend backend) throws Exception {
        server = texts(backend).sessions(Counting::new).start();
        try (Caller ada = Caller.of(server)) {
            ada.ask("a");
            assertThat(ada.receive()).isEqualTo("a1");
            clock.advance(Duration.ofSeconds(50));
            assertThat(ada.ask("a")).isEqualTo("a2");
            clock.advance(Duration.ofSeconds(50));
            assertThat(closed).isEmpty();
            clock.advance(Duration.ofSeconds(20));
            assertThat(closed).containsExactly(CloseReason.IDLE_TIMEOUT);
            assertThat(ada.ask("a")).isEqualTo("welcome");
            assertThat(ada.receive()).isEqualTo("a1");
        }
    }

    @OnEachBackend
    void aSessionIsNotIdleWhileTheProcessIsStopped(Backend backend) throws Exception {
        server = texts(backend).sessions(Counting::new).start();
        try (Caller ada = Caller.of(server)) {
            ada.ask("a");
            assertThat(ada.receive()).isEqualTo("a1");
            clock.advance(Duration.ofSeconds(30));
            clock.pause(Duration.ofMinutes(10));
            clock.advance(Duration.ofSeconds(25));
            assertThat(closed).isEmpty();
            clock.advance(Duration.ofSeconds(10));
            assertThat(closed).containsExactly(CloseReason.IDLE_TIMEOUT);
        }
    }

    @OnEachBackend
    void aFullTableForgetsTheQuietestPeerAndCountsIt(Backend backend) throws Exception {
        server = texts(backend).sessions(Counting::new).start();
        try (Caller ada = Caller.of(server);
                Caller bob = Caller.of(server);
                Caller eve = Caller.of(server)) {
            ada.ask("a");
            ada.receive();
            bob.ask("b");
            bob.receive();
            assertThat(ada.ask("a")).isEqualTo("a2");
            assertThat(eve.ask("e")).isEqualTo("welcome");
            assertThat(closed).containsExactly(CloseReason.EVICTED);
            assertThat(ada.ask("a")).isEqualTo("a3");
            assertThat(registry.get("headrace.connections.closed")
                            .tag("reason", "evicted")
                            .functionCounter()
                            .count())
                    .isEqualTo(1);
        }
    }

    @OnEachBackend
    void whatEndsIsAcceptedLessActive(Backend backend) throws Exception {
        server = texts(backend).sessions(Counting::new).start();
        try (Caller ada = Caller.of(server);
                Caller bob = Caller.of(server)) {
            ada.ask("bye");
            assertThat(ada.receive()).isEqualTo("bye");
            bob.ask("b");
            bob.receive();
            await().until(() -> closed.contains(CloseReason.APPLICATION));
            assertThat(meter("headrace.connections.accepted")).isEqualTo(2);
            assertThat(meter("headrace.connections.active")).isEqualTo(1);
            assertThat(meter("headrace.connections.closed")).isEqualTo(1);
        }
    }

    @OnEachBackend
    void aThrowingSessionCostsThatDatagramOnly(Backend backend) throws Exception {
        server = texts(backend).sessions(Counting::new).start();
        try (Caller ada = Caller.of(server)) {
            assertThat(ada.ask("throw")).isEqualTo("welcome");
            assertThat(ada.ask("a")).isEqualTo("a2");
            assertThat(closed).isEmpty();
            ada.send("fail");
            await().until(() -> closed.contains(CloseReason.HANDLER_FAILED));
        }
    }

    /** Would send while there is room, and asks to be told of more; never looks whether anybody is still there. */
    private static void pump(Connection<String> me, AtomicInteger turns) {
        turns.incrementAndGet();
        if (!me.writable()) {
            me.whenWritable(() -> pump(me, turns));
        }
    }

    @OnEachBackend
    void whoAsksForRoomAtTheEndIsToldOnce(Backend backend) throws Exception {
        Queue<Connection<String>> sessions = new ConcurrentLinkedQueue<>();
        server = texts(backend)
                .sessions(me -> {
                    sessions.add(me);
                    return new Counting(me);
                })
                .start();
        try (Caller ada = Caller.of(server)) {
            assertThat(ada.ask("bye")).isEqualTo("welcome");
            await().untilAsserted(() -> assertThat(closed).containsExactly(CloseReason.APPLICATION));
            AtomicInteger turns = new AtomicInteger();
            Connection<String> ended = sessions.peek();
            ended.whenWritable(() -> pump(ended, turns));
            await().untilAsserted(() -> assertThat(turns).hasPositiveValue());
            ada.receive();
            assertThat(ada.ask("a")).isEqualTo("welcome"); // The loop has been around since.
            assertThat(turns).hasValue(1);
        }
    }

    @OnEachBackend
    void aSessionThatCannotOpenCostsThatDatagramOnly(Backend backend) throws Exception {
        AtomicInteger asked = new AtomicInteger();
        server = texts(backend)
                .sessions(me -> {
                    if (asked.incrementAndGet() == 1) {
                        throw new IllegalStateException("as the test wants");
                    }
                    return new Counting(me);
                })
                .start();
        try (Caller ada = Caller.of(server)) {
            assertThat(ada.send("a").ask("a")).isEqualTo("welcome");
            assertThat(ada.receive()).isEqualTo("a1");
        }
    }

    @OnEachBackend
    void sessionsHearOfTheStop(Backend backend) throws Exception {
        server = texts(backend).sessions(Counting::new).start();
        try (Caller ada = Caller.of(server)) {
            ada.ask("a");
            assertThat(server.stop(Duration.ofSeconds(10)).join().forced()).isZero();
            assertThat(closed).containsExactly(CloseReason.DRAINED);
        }
    }

    @OnEachBackend
    void aSessionThatGoesOnIsForcedAfterTheGrace(Backend backend) throws Exception {
        server = texts(backend)
                .sessions(me -> new Counting(me) {
                    @Override
                    public boolean draining() {
                        return false;
                    }
                })
                .start();
        try (Caller ada = Caller.of(server)) {
            ada.ask("a");
            assertThat(server.stop(Duration.ZERO).join().forced()).isEqualTo(1);
            assertThat(closed).containsExactly(CloseReason.FORCED);
        }
    }

    @OnEachBackend
    void aSessionMayNotSendMuchMoreThanCame(Backend backend) throws Exception {
        Counts counts = new Counts();
        AtomicInteger taken = new AtomicInteger();
        server = texts(backend)
                .with(counts)
                .sessions(me -> new Session<String>() {
                    @Override
                    public void received(String text) {
                        while (me.send("x".repeat(100))) {
                            taken.incrementAndGet();
                        }
                    }
                })
                .start();
        try (Caller ada = Caller.of(server)) {
            ada.send("q".repeat(100));
            await().until(() -> !counts.dropped().isEmpty());
            assertThat(taken).hasValue(3); // 128 bytes each, of 3 x 128.
        }
    }

    /** E10, the short one: the table stays at its bound, and every eviction is counted. */
    @OnEachBackend
    void forgedSendersDoNotOutgrowTheTable(Backend backend) throws Exception {
        forgedSenders(backend, 2_000, 100);
    }

    /** E10. */
    @Tag("slow")
    @OnEachBackend
    void aMillionForgedSendersDoNotOutgrowTheTable(Backend backend) throws Exception {
        forgedSenders(backend, 1_000_000, 10_000);
    }

    private void forgedSenders(Backend backend, int senders, int most) throws Exception {
        server = Udp.listen("0.0.0.0", 0)
                .loops(On.loops(backend).clock(clock))
                .with(Metrics.to(registry))
                .options(o -> o.maxSessions(most))
                .codec(Codec.utf8())
                .sessions(me -> text -> {})
                .start();
        int port = ((InetSocketAddress) server.address()).getPort();
        InetSocketAddress target = new InetSocketAddress("127.0.0.1", port);
        for (int i = 0; i < senders; i++) {
            byte[] address = {127, (byte) (1 + (i >> 16)), (byte) (i >> 8), (byte) (i | 1)};
            try (DatagramSocket sender = new DatagramSocket(0, InetAddress.getByAddress(address))) {
                sender.send(new DatagramPacket(new byte[] {'x'}, 1, target));
            }
            if (i % 100 == 99) {
                int sent = i + 1;
                await().pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> meter("headrace.datagrams.received") == sent);
                assertThat(meter("headrace.connections.active")).isLessThanOrEqualTo(most);
            }
        }
        await().untilAsserted(
                        () -> { // Datagrams are counted before their sessions.
                            assertThat(meter("headrace.connections.active")).isEqualTo(most);
                            assertThat(registry.get("headrace.connections.closed")
                                            .tag("reason", "evicted")
                                            .functionCounter()
                                            .count())
                                    .isEqualTo(meter("headrace.connections.accepted") - most);
                        });
    }
}

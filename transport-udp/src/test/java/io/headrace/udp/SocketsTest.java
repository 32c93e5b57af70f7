package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.headrace.Clock;
import io.headrace.Codec;
import io.headrace.DrainReport;
import io.headrace.DropReason;
import io.headrace.Exchange;
import io.headrace.Loops;
import io.headrace.Loops.Backend;
import io.headrace.Server;
import io.headrace.stage.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;

/** Several sockets on one port. */
class SocketsTest {
    private static final int PEERS = 12;
    private static final int ROUNDS = 100;
    private static final int AT_ONCE = 16;

    @BeforeEach
    void onLinux() {
        assumeTrue(UdpBackend.ON_LINUX, "only Linux spreads datagrams over the sockets of one port");
    }

    private static Loops loops(Backend backend, int threads) {
        return On.loops(backend).threads(threads);
    }

    /** Sequence numbers of a dozen peers, as many under way as the buffers hold: none is lost, none overtakes another. */
    @OnEachBackend
    void orderPerPeerAndCountsHoldUnderLoad(Backend backend) throws Exception {
        Counts counts = new Counts();
        Map<Object, Integer> last = new ConcurrentHashMap<>();
        AtomicInteger outOfOrder = new AtomicInteger();
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        try (Server server = Udp.listen(0)
                .loops(loops(backend, 4))
                .sockets(4)
                .with(counts)
                .codec(Codec.utf8())
                .<String>handle((text, exchange) -> {
                    int number = Integer.parseInt(text);
                    Integer before = last.put(exchange.peer().address(), number);
                    if (number != (before == null ? 0 : before + 1)) {
                        outOfOrder.incrementAndGet();
                    }
                    threads.add(Thread.currentThread());
                    exchange.reply(text);
                })
                .start()) {
            List<Caller> callers = new ArrayList<>();
            for (int i = 0; i < PEERS; i++) {
                callers.add(Caller.of(server));
            }
            for (int round = 0; round < ROUNDS; round++) {
                int first = round * AT_ONCE;
                for (int i = first; i < first + AT_ONCE; i++) {
                    for (Caller caller : callers) {
                        caller.send(Integer.toString(i));
                    }
                }
                for (Caller caller : callers) {
                    for (int i = first; i < first + AT_ONCE; i++) {
                        assertThat(caller.receive()).isEqualTo(Integer.toString(i));
                    }
                }
            }
            callers.forEach(Caller::close);
            assertThat(outOfOrder).hasValue(0);
            assertThat(threads).hasSizeGreaterThan(1);
            assertThat(counts.received).hasValue(PEERS * ROUNDS * AT_ONCE);
            await().until(() -> counts.sent.get() == PEERS * ROUNDS * AT_ONCE);
            assertThat(counts.dropped()).isEmpty();
        }
    }

    @OnEachBackend
    void moreSocketsThanLoopsTakeTurns(Backend backend) throws Exception {
        try (Server server = Udp.listen(0)
                        .loops(loops(backend, 1))
                        .sockets(3)
                        .reply(bytes -> bytes)
                        .start();
                Caller ada = Caller.of(server);
                Caller bob = Caller.of(server)) {
            assertThat(ada.ask("Ada")).isEqualTo("Ada");
            assertThat(bob.ask("Bob")).isEqualTo("Bob");
        }
    }

    /** A peer always meets the same socket, so the tables that each has for itself hold for the endpoint. */
    @OnEachBackend
    void theRateOfAPeerHoldsOverAllSockets(Backend backend) throws Exception {
        Counts counts = new Counts();
        Map<Object, Thread> threads = new ConcurrentHashMap<>();
        try (Server server = Udp.listen(0)
                .loops(loops(backend, 4).clock(Clock.manual()))
                .socketPerLoop()
                .with(PeerRate.of(5))
                .with(counts)
                .codec(Codec.utf8())
                .<String>handle((text, exchange) -> {
                    threads.put(exchange.peer().address(), Thread.currentThread());
                    exchange.reply(text);
                })
                .start()) {
            List<Caller> callers = new ArrayList<>();
            for (int i = 1; i <= 12; i++) { // One port each: an address with several ports may meet several sockets.
                callers.add(Caller.at("127.0.0." + i).to(server.address()));
            }
            for (Caller caller : callers) {
                for (int i = 0; i < 5; i++) {
                    assertThat(caller.ask("Ada")).isEqualTo("Ada");
                }
                caller.send("one too many");
            }
            await().until(() -> counts.dropped().equals(Map.of(DropReason.PEER_RATE, 12L)));
            assertThat(Set.copyOf(threads.values())).hasSizeGreaterThan(1);
            callers.forEach(Caller::close);
        }
    }

    @OnEachBackend
    void aPortOfASingleSocketIsNotShared(Backend backend) throws Exception {
        try (Server server =
                Udp.listen(0).loops(loops(backend, 2)).reply(bytes -> bytes).start()) {
            int port = ((InetSocketAddress) server.address()).getPort();
            var second = Udp.listen(port).sockets(2).loops(loops(backend, 2)).reply(bytes -> bytes);
            assertThatThrownBy(second::start).hasMessageContaining("in use");
        }
    }

    @OnEachBackend
    void stopDrainsEverySocket(Backend backend) throws Exception {
        BlockingQueue<Exchange<String>> open = new LinkedBlockingQueue<>();
        Server server = Udp.listen(0)
                .loops(loops(backend, 2))
                .sockets(2)
                .codec(Codec.utf8())
                .<String>handle((text, exchange) -> open.add(exchange))
                .start();
        List<Caller> callers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            callers.add(Caller.of(server).send("Ada"));
        }
        await().until(() -> open.size() == 8);
        var stopped = server.stop(Duration.ofSeconds(10));
        for (int i = 0; i < 8; i++) {
            open.poll(10, TimeUnit.SECONDS).reply("bye");
        }
        for (Caller caller : callers) {
            assertThat(caller.receive()).isEqualTo("bye");
            caller.close();
        }
        DrainReport report = stopped.join();
        assertThat(report.forced()).isZero();
        try (DatagramSocket again = new DatagramSocket((InetSocketAddress) server.address())) {
            assertThat(again.isBound()).isTrue();
        }
    }

    @OnEachBackend
    void theSystemsDropsOfEverySocketAreAdded(Backend backend) throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        AtomicInteger busy = new AtomicInteger(1);
        try (Server server = Udp.listen(0)
                        .loops(loops(backend, 2))
                        .sockets(2)
                        .with(Metrics.to(registry))
                        .options(o -> o.receiveBufferBytes(2_048))
                        .consume(bytes -> await().until(() -> busy.get() == 0))
                        .start();
                DatagramSocket flood = new DatagramSocket()) {
            for (int i = 0; i < 300; i++) {
                flood.send(new DatagramPacket(new byte[1_000], 1_000, server.address()));
            }
            assertThat(registry.get("headrace.datagrams.lost").functionCounter().count())
                    .isGreaterThan(100);
            busy.set(0);
        }
    }
}

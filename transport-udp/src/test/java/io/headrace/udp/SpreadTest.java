package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headrace.Clock;
import io.headrace.Codec;
import io.headrace.Connection;
import io.headrace.DrainReport;
import io.headrace.DropReason;
import io.headrace.Exchange;
import io.headrace.Loops;
import io.headrace.Loops.Backend;
import io.headrace.Server;
import io.headrace.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One socket, its peers spread over the loops. */
class SpreadTest {
    private static final int PEERS = 12;
    private static final int ROUNDS = 100;
    private static final int AT_ONCE = 16;

    private final Counts counts = new Counts();
    private final List<Caller> callers = new ArrayList<>();
    private Server server;

    @AfterEach
    void stop() {
        callers.forEach(Caller::close);
        if (server != null) {
            server.stop(Duration.ZERO).join();
        }
    }

    private UdpSetup<String, String> texts(Backend backend, int threads) {
        Loops loops = On.loops(backend).threads(threads).clock(Clock.manual());
        return Udp.listen(0).loops(loops).spread().with(counts).codec(Codec.utf8());
    }

    private void callers(int number) throws Exception {
        while (callers.size() < number) {
            callers.add(Caller.of(server));
        }
    }

    /** Sequence numbers of a dozen peers, as many under way as the buffers hold: none is lost, none overtakes another. */
    @OnEachBackend
    void orderPerPeerAndCountsHoldUnderLoad(Backend backend) throws Exception {
        Map<Object, Integer> last = new ConcurrentHashMap<>();
        Map<Object, Thread> threadOf = new ConcurrentHashMap<>();
        AtomicInteger outOfPlace = new AtomicInteger();
        server = texts(backend, 4)
                .<String>handle((text, exchange) -> {
                    Object peer = exchange.peer().address();
                    int number = Integer.parseInt(text);
                    Integer before = last.put(peer, number);
                    Thread thread = threadOf.putIfAbsent(peer, Thread.currentThread());
                    if (number != (before == null ? 0 : before + 1)
                            || (thread != null && thread != Thread.currentThread())) {
                        outOfPlace.incrementAndGet();
                    }
                    exchange.reply(text);
                })
                .start();
        callers(PEERS);
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
        assertThat(outOfPlace).hasValue(0);
        assertThat(Set.copyOf(threadOf.values())).hasSizeGreaterThan(1);
        assertThat(counts.received).hasValue(PEERS * ROUNDS * AT_ONCE);
        await().until(() -> counts.sent.get() == PEERS * ROUNDS * AT_ONCE);
        assertThat(counts.dropped()).isEmpty();
    }

    @OnEachBackend
    void sessionsLiveOnTheLoopOfTheirPeer(Backend backend) throws Exception {
        Map<Connection<String>, Thread> threads = new ConcurrentHashMap<>();
        AtomicInteger strange = new AtomicInteger();
        server = texts(backend, 3)
                .sessions(me -> {
                    threads.put(me, Thread.currentThread());
                    return new Session<String>() {
                        private int heard;

                        @Override
                        public void received(String text) {
                            if (threads.get(me) != Thread.currentThread()) {
                                strange.incrementAndGet();
                            }
                            me.send(text + ++heard);
                        }
                    };
                })
                .start();
        callers(PEERS);
        for (Caller caller : callers) {
            assertThat(caller.ask("a")).isEqualTo("a1");
            assertThat(caller.ask("b")).isEqualTo("b2");
        }
        threads.keySet().forEach(session -> session.send("c")); // From another thread.
        for (Caller caller : callers) {
            assertThat(caller.receive()).isEqualTo("c");
        }
        assertThat(strange).hasValue(0);
        assertThat(Set.copyOf(threads.values())).hasSizeGreaterThan(1);
    }

    /** Guards stand at the socket, before peers are spread. */
    @OnEachBackend
    void theGuardsHoldForEachPeer(Backend backend) throws Exception {
        server = texts(backend, 3)
                .with(PeerRate.of(1).burst(3))
                .reply(text -> text.equals("long") ? "x".repeat(1_000) : text)
                .start();
        callers(6);
        assertThat(callers.get(0).ask("a")).isEqualTo("a");
        assertThat(callers.get(1).ask("b")).isEqualTo("b");
        callers.get(2).send("long");
        for (Caller caller : callers) { // All of one address.
            caller.send("too much");
        }
        await().until(() -> counts.dropped().equals(Map.of(DropReason.REPLY_LIMIT, 1L, DropReason.PEER_RATE, 6L)));
    }

    /** One loop is blocked: its peers' datagrams are dropped beyond the bound, and everybody else is served. */
    @Test
    void aBlockedLoopCostsItsOwnPeersOnly() throws Exception {
        CountDownLatch free = new CountDownLatch(1);
        Map<Integer, Thread> threadOf = new ConcurrentHashMap<>();
        Set<Thread> blocked = ConcurrentHashMap.newKeySet();
        server = texts(Loops.auto().backend(), 2)
                .<String>handle((text, exchange) -> {
                    threadOf.put(
                            ((java.net.InetSocketAddress) exchange.peer().address()).getPort(), Thread.currentThread());
                    if (text.equals("block")) {
                        blocked.add(Thread.currentThread());
                        free.await();
                    }
                    exchange.reply(text);
                })
                .start();
        // The socket is on the first loop, whose thread is number 1.
        while (Set.copyOf(threadOf.values()).size() < 2) { // Chance has it who is where.
            callers(callers.size() + 1);
            assertThat(callers.get(callers.size() - 1).ask("who")).isEqualTo("who");
        }
        Thread far = threadOf.values().stream()
                .filter(thread -> !thread.getName().endsWith("-1"))
                .findFirst()
                .orElseThrow();
        Caller victim = callers.stream()
                .filter(caller -> threadOf.get(caller.port()) == far)
                .findFirst()
                .orElseThrow();
        Caller other = callers.stream()
                .filter(caller -> threadOf.get(caller.port()) != far)
                .findFirst()
                .orElseThrow();
        try {
            victim.send("block");
            await().until(() -> !blocked.isEmpty());
            for (int i = 0; counts.dropped().isEmpty() && i < 50; i++) {
                for (int j = 0; j < 100; j++) {
                    victim.send("more");
                }
                assertThat(other.ask("still there")).isEqualTo("still there");
            }
            assertThat(counts.dropped()).containsOnlyKeys(DropReason.LOOP_BUSY);
        } finally {
            free.countDown();
        }
    }

    @OnEachBackend
    void stopDrainsEveryLoop(Backend backend) throws Exception {
        BlockingQueue<Exchange<String>> open = new LinkedBlockingQueue<>();
        server = texts(backend, 3)
                .<String>handle((text, exchange) -> open.add(exchange))
                .start();
        callers(8);
        for (Caller caller : callers) {
            caller.send("Ada");
        }
        await().until(() -> open.size() == 8);
        var stopped = server.stop(Duration.ofSeconds(10));
        for (int i = 0; i < 8; i++) {
            open.poll(10, TimeUnit.SECONDS).reply("bye");
        }
        for (Caller caller : callers) {
            assertThat(caller.receive()).isEqualTo("bye");
        }
        DrainReport report = stopped.join();
        assertThat(report.forced()).isZero();
    }

    @OnEachBackend
    void aBufferMayBeSentBackFromAnotherLoop(Backend backend) throws Exception {
        server = Udp.listen(0)
                .loops(On.loops(backend).threads(3))
                .spread()
                .reply(bytes -> bytes)
                .start();
        callers(6);
        for (Caller caller : callers) {
            assertThat(caller.ask("Ada")).isEqualTo("Ada");
        }
    }

    @Test
    void severalSocketsAreNotSpread() {
        assertThatThrownBy(() ->
                        Udp.listen(0).sockets(2).spread().reply(bytes -> bytes).start())
                .hasMessageContaining("sockets: 2 (expected: 1 with spread(): it is one socket for all loops)");
        assertThatThrownBy(() -> Udp.listen(0)
                        .socketPerLoop()
                        .spread()
                        .reply(bytes -> bytes)
                        .start())
                .hasMessageContaining("sockets: one per loop (expected: 1 with spread()");
    }
}

package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.headrace.CloseReason;
import io.headrace.Codec;
import io.headrace.Connection;
import io.headrace.DropReason;
import io.headrace.Loops.Backend;
import io.headrace.Server;
import io.headrace.Session;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;

/** One bound for the sessions of an endpoint, on however many event loops they live. */
class SharedPlacesTest {
    private static final int LOOPS = 8;

    private final Counts counts = new Counts();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger mostOpen = new AtomicInteger();
    private final Map<CloseReason, Integer> closed = new ConcurrentHashMap<>();
    private final Map<SocketAddress, List<String>> heard = new ConcurrentHashMap<>();
    private final CountDownLatch blocked = new CountDownLatch(1);
    private final CountDownLatch free = new CountDownLatch(1);
    private final List<Caller> callers = new ArrayList<>();
    private Server server;

    /** It says on which thread it lives. */
    private final class Counted implements Session<String> {
        private final Connection<String> me;

        Counted(Connection<String> me) {
            this.me = me;
            mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
        }

        @Override
        public void received(String text) throws InterruptedException {
            heard.computeIfAbsent(me.address(), peer -> new ArrayList<>()).add(text);
            if (text.equals("block")) {
                blocked.countDown();
                free.await();
            }
            me.send(Thread.currentThread().getName() + " " + text);
        }

        @Override
        public void closed(CloseReason reason) {
            open.decrementAndGet();
            closed.merge(reason, 1, Integer::sum);
        }
    }

    @AfterEach
    void stop() {
        free.countDown();
        callers.forEach(Caller::close);
        if (server != null) {
            server.stop(Duration.ZERO).join();
        }
    }

    private void start(Backend backend, int loops, int maxSessions, UnaryOperator<UdpOptions> scale) {
        server = Udp.listen(0)
                .loops(On.loops(backend).threads(loops))
                .with(counts)
                .with(ReplyLimit.off())
                .options(o -> scale.apply(o.maxSessions(maxSessions)))
                .codec(Codec.utf8())
                .sessions(Counted::new)
                .start();
    }

    private Caller caller() throws Exception {
        Caller caller = Caller.of(server);
        callers.add(caller);
        return caller;
    }

    private void everyoneAsks(int peers) throws Exception {
        for (int i = 0; i < peers; i++) {
            assertThat(caller().ask("a")).endsWith(" a");
        }
    }

    @OnEachBackend
    void theBoundIsReachedOnSeveralLoops(Backend backend) throws Exception {
        start(backend, LOOPS, 40, UdpOptions::spread);
        everyoneAsks(40);
        assertThat(open).hasValue(40);
        assertThat(closed).isEmpty();
    }

    @OnEachBackend
    void theBoundHoldsOnMoreLoopsThanPlaces(Backend backend) throws Exception {
        start(backend, LOOPS, 2, UdpOptions::spread);
        everyoneAsks(40);
        assertThat(mostOpen).hasValue(2);
        assertThat(open).hasValue(2);
        assertThat(closed).isEqualTo(Map.of(CloseReason.EVICTED, 38));
        assertThat(counts.dropped()).isEmpty();
    }

    @OnEachBackend
    void theBoundHoldsForSeveralSockets(Backend backend) throws Exception {
        assumeTrue(UdpBackend.ON_LINUX, "only Linux spreads datagrams over sockets");
        start(backend, 4, 3, UdpOptions::socketPerLoop);
        everyoneAsks(40);
        assertThat(mostOpen).hasValue(3);
        assertThat(open).hasValue(3);
        assertThat(closed).isEqualTo(Map.of(CloseReason.EVICTED, 37));
    }

    /** Sixteen peers want three places at once, all the time: nobody has a fourth one, and who has waited is heard in order. */
    @OnEachBackend
    void theBoundHoldsWhileLoopsCompete(Backend backend) throws Exception {
        start(backend, 4, 3, UdpOptions::spread);
        for (int i = 0; i < 16; i++) {
            caller();
        }
        for (int round = 100; round < 150; round++) {
            for (Caller caller : callers) {
                caller.send(round + "a").send(round + "b");
            }
            long expected = 32L * (round - 99);
            await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> counts.sent.get() + dropped() == expected);
        }
        assertThat(mostOpen).hasValue(3);
        assertThat(open.get())
                .isBetween(1, 3); // Who waited for a place may have been given one and evicted somebody too.
        assertThat(heard)
                .hasSize(16)
                .allSatisfy((peer, texts) -> assertThat(texts).isSorted());
    }

    private long dropped() {
        assertThat(counts.dropped())
                .allSatisfy((reason, times) -> assertThat(reason).isEqualTo(DropReason.LOOP_BUSY));
        return counts.dropped().getOrDefault(DropReason.LOOP_BUSY, 0L);
    }

    /** Its datagrams wait for the loop that has the only place, up to a bound, and then come in order. */
    @OnEachBackend
    void whoWaitsForABlockedLoopIsHeardLater(Backend backend) throws Exception {
        start(backend, 2, 1, UdpOptions::spread);
        Caller far = null;
        Caller near = null;
        while (far == null || near == null) { // The socket is on the first loop.
            Caller caller = caller();
            boolean onFirst = caller.ask("who").contains("-1 ");
            near = onFirst ? caller : near;
            far = onFirst ? far : caller;
        }
        far.ask("the place is mine");
        far.send("block");
        blocked.await();
        for (int i = 0; i < 70; i++) {
            near.send("number " + i);
        }
        await().until(() -> Map.of(DropReason.LOOP_BUSY, 6L).equals(counts.dropped()));
        free.countDown();
        for (int i = 0; i < 64; i++) {
            assertThat(near.receive()).endsWith(" number " + i);
        }
        assertThat(mostOpen).hasValue(1);
    }
}

package io.headrace.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.Codec;
import io.headrace.Endpoint;
import io.headrace.Loops.Backend;
import io.headrace.stage.Metrics;
import io.headrace.tcp.ConnectionBudget;
import io.headrace.tcp.ConnectionLimit;
import io.headrace.tcp.Framing;
import io.headrace.tcp.Tcp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Groups H and M, and A1: who is let in when there is no room for all. */
class LimitsTest extends Case {
    private static final int LIMIT = 50;
    /** Room for a JVM and a hundred connections, not for five hundred more. */
    private static final int DESCRIPTORS = 250;

    @Row("A1")
    @OnEveryBackend
    void withoutDescriptorsNothingSpinsAndNobodyIsLost(Backend backend) throws Exception {
        Program.need("prlimit");
        // From the start: an accept that io_uring has taken already keeps the limit that was in force then.
        ChildServer server = child(ChildServer.Setup.of(Servers.UNBOUNDED)
                .on(backend)
                .under("prlimit", "--nofile=" + DESCRIPTORS + ":" + DESCRIPTORS));
        Crowd before = closing(Crowd.of(server.port(), 80));
        before.say("Ada\n");
        before.lines(1);
        int port = server.port();
        double quiet = loopUse(server);
        Crowd flood = Crowd.begin(port, 500);
        await().untilAsserted(() ->
                assertThat(server.meter("headrace.accept.errors emfile")).isPositive());
        bystandersTalk(500); // Those who still fitted in are being served.
        assertThat(loopUse(server)).isLessThan(quiet + 0.2);
        before.say("Ada\n");
        before.lines(2);
        assertThat(server.log())
                .filteredOn(line -> line.message().contains("Too many open files"))
                .hasSize(1);
        flood.close();
        long freeNs = System.nanoTime();
        try (Peer peer = Peer.to(port)) {
            assertThat(peer.say("Ada\n").line()).isEqualTo("Hello, Ada!");
        }
        assertThat(Duration.ofNanos(System.nanoTime() - freeNs)).isLessThan(Duration.ofSeconds(2));
    }

    /** The share of a processor that the loops use while the bystanders talk for a second. */
    private double loopUse(Subject server) throws Exception {
        long cpuNs = server.loopCpuNs();
        long startNs = System.nanoTime();
        bystandersTalk(1_000);
        return (double) (server.loopCpuNs() - cpuNs) / (System.nanoTime() - startNs);
    }

    @Row("H1")
    @Test
    void fiftyTooManyAreRefusedByTheEndOfTheStream() throws Exception {
        LocalServer server =
                serve(ground -> ground.lines().with(ConnectionLimit.of(LIMIT)).reply(line -> line));
        Crowd inside = closing(Crowd.of(server.port(), LIMIT));
        inside.say("in\n");
        inside.lines(1);
        for (int i = 0; i < 50; i++) {
            try (Peer peer = Peer.to(server.port())) {
                assertThat(peer.rest()).isEmpty(); // Throws where it ends in a reset.
            }
        }
        assertThat(server.meter("headrace.connections.rejected limit")).isEqualTo(50);
        assertThat(server.accepted()).isEqualTo(LIMIT);
        inside.close();
        await().untilAsserted(() -> assertThat(server.active()).isZero());
        assertThat(dial(server).say("again\n").line()).isEqualTo("again");
    }

    @Row("H2")
    @Test
    void oneAddressThatFloodsLeavesRoomForAnother() throws Exception {
        LocalServer server = serve(ground ->
                ground.lines().with(ConnectionLimit.of(LIMIT).perAddress(5)).reply(line -> line));
        List<Peer> flood = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            flood.add(closing(Peer.from("127.0.0.2", server.port())));
        }
        await().untilAsserted(() -> assertThat(server.meter("headrace.connections.rejected address_limit"))
                .isEqualTo(95));
        Peer other = closing(Peer.from("127.0.0.3", server.port()));
        assertThat(other.say("me too\n").line()).isEqualTo("me too");
        assertThat(flood).hasSize(100);
    }

    @Row("H3")
    @Test
    void threeSecondsOfConnectsAndResetsAtTheLimitLoseNoPlace() throws Exception {
        hammer(10, Duration.ofSeconds(3));
    }

    @Row("H3")
    @Tag("slow")
    @Test
    @org.junit.jupiter.api.Timeout(180)
    void aMinuteOfConnectsAndResetsAtTheLimitLosesNoPlace() throws Exception {
        hammer(50, Duration.ofSeconds(60));
    }

    private void hammer(int threads, Duration time) throws Exception {
        bystandersMaySlowDown(5);
        LocalServer server =
                serve(ground -> ground.lines().with(ConnectionLimit.of(10)).reply(line -> line));
        long endNs = System.nanoTime() + time.toNanos();
        AtomicInteger tries = new AtomicInteger();
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(() -> {
                while (System.nanoTime() < endNs) {
                    try (Peer peer = Peer.to(server.port())) {
                        peer.reset();
                        tries.incrementAndGet();
                    } catch (java.io.IOException refused) {
                        continue;
                    }
                }
            });
            all.add(thread);
            thread.start();
        }
        for (Thread thread : all) {
            thread.join();
        }
        assertThat(tries.get()).isPositive();
        await().untilAsserted(() -> assertThat(server.active()).isZero());
        Crowd ten = closing(Crowd.of(server.port(), 10));
        ten.say("in\n");
        assertThat(ten.lines(1)).hasSize(10);
        try (Peer eleventh = Peer.to(server.port())) {
            assertThat(eleventh.rest()).isEmpty();
        }
    }

    @Row("H10")
    @Test
    void theBoundThatFewDescriptorsAllowIsSaidWithItsFormula() throws Exception {
        Program.need("prlimit");
        ChildServer server = child(ChildServer.Setup.of(Servers.LINES).under("prlimit", "--nofile=256:256"));
        assertThat(server.log())
                .anySatisfy(line -> assertThat(line.message()).contains("256").contains("192"));
        assertThat(dial(server).say("Ada\n").line()).isEqualTo("Hello, Ada!");
    }

    @Row("M1")
    @Test
    void anEndpointWithLoopsOfItsOwnIsNotSlowedByAnAttackOnAnother() throws Exception {
        LocalServer server =
                serve(ground -> ground.lines().loops(ground.otherLoops()).reply(line -> {
                    Blocking.forMs(50); // What a handler may do wrong on loops that are its own.
                    return line;
                }));
        Crowd attack = closing(Crowd.of(server.port(), 50));
        attack.say("block\nblock\n");
        attack.lines(1);
        assertThat(dial(server).say("x".repeat(2_000)).ends()).isTrue();
    }

    /** A shared budget of 20, of which the health check keeps 2. */
    private record Reserving(ConnectionBudget budget) implements Serving {
        Reserving() {
            this(ConnectionBudget.of(20));
        }

        @Override
        public Endpoint row(Ground ground) {
            return ground.lines()
                    .with(ConnectionLimit.byDescriptors().within(budget))
                    .reply(line -> line);
        }

        @Override
        public List<Endpoint> others(Ground ground) {
            return List.of(Tcp.listen(0)
                    .named("health")
                    .loops(ground.loops())
                    .with(Metrics.to(ground.registry()))
                    .with(ConnectionLimit.byDescriptors().within(budget).reserve(2))
                    .with(Framing.lines(64))
                    .codec(Codec.utf8())
                    .reply(line -> "up"));
        }
    }

    @Row("M3")
    @Test
    void theReservedPlacesAdmitWhenTheBudgetIsFull() throws Exception {
        LocalServer server = serve(new Reserving());
        Crowd all = closing(Crowd.of(server.port(), 30));
        await().untilAsserted(() ->
                assertThat(server.meter("headrace.connections.rejected budget")).isEqualTo(12));
        for (int i = 0; i < 2; i++) {
            Peer check = closing(Peer.to(server.port("health")));
            assertThat(check.say("well?\n").line()).isEqualTo("up");
        }
        assertThat(all.size()).isEqualTo(30);
    }
}

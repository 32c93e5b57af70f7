package io.headrace.torture;

import static java.nio.charset.StandardCharsets.UTF_8;
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
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Group H, M3, and A1: who is let in when there is no room for all. */
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
        inOneOfThree(() -> assertThat(loopUse(server)).isLessThan(quiet + 0.2));
        before.say("Ada\n");
        before.lines(2);
        assertThat(server.log())
                .filteredOn(line -> line.message().contains("Too many open files"))
                .hasSize(1);
        flood.close();
        long tookNs = untilServed(port);
        for (int round = 1; tookNs >= 2_000_000_000L && round < 3; round++) { // The best of three.
            double errors = server.meter("headrace.accept.errors emfile");
            Crowd again = Crowd.begin(port, 500);
            await().untilAsserted(() ->
                    assertThat(server.meter("headrace.accept.errors emfile")).isGreaterThan(errors));
            again.close();
            tookNs = untilServed(port);
        }
        assertThat(tookNs).as("ns until it accepted again").isLessThan(2_000_000_000L);
    }

    private static long untilServed(int port) throws IOException {
        long startNs = System.nanoTime();
        try (Peer peer = Peer.to(port)) {
            assertThat(peer.say("Ada\n").line()).isEqualTo("Hello, Ada!");
        }
        return System.nanoTime() - startNs;
    }

    @Row("H1")
    @Test
    void fiftyTooManyAreRefusedAtOnceByTheEndOfTheStream() throws Exception {
        LocalServer server =
                serve(ground -> ground.lines().with(ConnectionLimit.of(LIMIT)).reply(line -> line));
        Crowd inside = closing(Crowd.of(server.port(), LIMIT));
        inside.say("in\n");
        inside.lines(1);
        double slowestMs = Double.MAX_VALUE;
        int rounds = 0;
        while (slowestMs >= 50 && rounds < 3) { // The best of three: the machine has other things to do.
            rounds++;
            try (Crowd tooMany = Crowd.begin(server.port(), 50)) {
                double ms = tooMany.agesMsWhenClosed().stream()
                        .mapToDouble(age -> age)
                        .max()
                        .orElseThrow();
                slowestMs = Math.min(slowestMs, ms);
                assertThat(tooMany.resets()).isZero();
            }
            assertThat(server.meter("headrace.connections.rejected limit")).isEqualTo(50 * rounds);
        }
        assertThat(slowestMs).as("until the last of fifty was refused, in ms").isLessThan(50);
        assertThat(server.accepted()).isEqualTo(LIMIT);
        assertThat(inside.closed()).isZero();
    }

    @Row("H1")
    @Test
    void aPlaceThatIsLeftIsTakenAgainWithinASecond() throws Exception {
        LocalServer server =
                serve(ground -> ground.lines().with(ConnectionLimit.of(1)).reply(line -> line));
        long tookNs = Long.MAX_VALUE;
        for (int round = 0; tookNs >= 1_000_000_000 && round < 3; round++) { // The best of three.
            Peer inside = Peer.to(server.port());
            assertThat(inside.say("in\n").line()).isEqualTo("in");
            long leftNs = System.nanoTime();
            inside.close();
            await().ignoreExceptionsInstanceOf(IOException.class).until(() -> isLetIn(server));
            tookNs = System.nanoTime() - leftNs;
            await().untilAsserted(() -> assertThat(server.active()).isZero());
        }
        assertThat(tookNs).as("ns until somebody else was inside").isLessThan(1_000_000_000);
    }

    private static boolean isLetIn(LocalServer server) throws IOException {
        try (Peer next = Peer.to(server.port())) {
            return next.trySay("next\n".getBytes(UTF_8)) && next.line() != null;
        }
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
    void twoSecondsOfConnectsAndResetsAtTheLimitLoseNoPlace() throws Exception {
        hammer(10, Duration.ofSeconds(2));
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
        double most = 0;
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(() -> {
                while (System.nanoTime() < endNs) {
                    try (Peer peer = Peer.to(server.port())) {
                        peer.reset();
                        tries.incrementAndGet();
                    } catch (IOException refused) {
                        continue;
                    }
                }
            });
            all.add(thread);
            thread.start();
        }
        while (System.nanoTime() < endNs) {
            most = Math.max(most, inside(server));
            LockSupport.parkNanos(1_000_000);
        }
        for (Thread thread : all) {
            thread.join();
        }
        assertThat(most).as("inside at a time").isBetween(1.0, 10.0);
        assertThat(tries.get()).isPositive();
        await().untilAsserted(() -> assertThat(server.active()).isZero());
        Crowd ten = closing(Crowd.of(server.port(), 10));
        ten.say("in\n");
        assertThat(ten.lines(1)).hasSize(10);
        try (Peer eleventh = Peer.to(server.port())) {
            assertThat(eleventh.rest()).isEmpty();
        }
    }

    /** No more than were inside when it was asked: those who came are read before those who left, who are counted before their place is free. */
    private static double inside(LocalServer server) {
        double came = server.accepted();
        double left = server.meters().entrySet().stream()
                .filter(meter -> meter.getKey().startsWith("headrace.connections.closed ")
                        && meter.getKey().endsWith(" " + Serving.ROW))
                .mapToDouble(Map.Entry::getValue)
                .sum();
        return came - left;
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

package io.headrace.torture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.headrace.CannotStartException;
import io.headrace.CloseReason;
import io.headrace.DrainReport;
import io.headrace.Endpoint;
import io.headrace.Loops;
import io.headrace.Server;
import io.headrace.Session;
import io.headrace.tcp.MaxAge;
import io.headrace.tcp.Tcp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Group G: life, drain and death. */
class LifecycleTest extends Case {
    @TempDir
    Path folder;

    @Row("G1")
    @Tag("slow")
    @Test
    void everyRequestInFlightIsAnsweredBeforeTheProcessEnds() throws Exception {
        ChildServer server = child(ChildServer.Setup.of(Servers.LATER).flags("-Dtorture.grace=20000"));
        Crowd crowd = closing(Crowd.of(server.port(), 100));
        crowd.say("5000\n");
        await().untilAsserted(() ->
                assertThat(server.meter("headrace.exchanges.open")).isEqualTo(100));
        endsHere();
        server.signal("TERM");
        assertThat(crowd.lines(1)).hasSize(100).containsOnly("done 5000");
        assertThat(server.status(20)).isEqualTo(143);
    }

    @Row("G2")
    @Tag("slow")
    @Test
    void aHandlerThatNeverEndsIsCutOffAtTheDeadline() throws Exception {
        ChildServer server = child(ChildServer.Setup.of(Servers.LATER).flags("-Dtorture.grace=1000"));
        Crowd crowd = closing(Crowd.of(server.port(), 12));
        crowd.say("never\n");
        await().untilAsserted(() ->
                assertThat(server.meter("headrace.exchanges.open")).isEqualTo(12));
        endsHere();
        server.signal("TERM");
        assertThat(server.status(20)).isEqualTo(143);
        assertThat(server.errors()).contains("12 forced");
        assertThat(server.errors().lines().filter(line -> line.matches(".*127\\.0\\.0\\.1:\\d+, open .*")))
                .hasSizeLessThanOrEqualTo(10);
    }

    @Row("G4")
    @Test
    void notReadyAtOnceAndAcceptingForTheDelay() throws Exception {
        ChildServer server = child(ChildServer.Setup.of(Servers.LINES).flags("-Dtorture.delay=3000"));
        int port = server.port();
        assertThat(server.ready()).isTrue();
        endsHere();
        long signalledNs = System.nanoTime();
        server.signal("TERM");
        await().until(() -> !server.ready());
        int late = 0;
        while (isServed(port)) {
            late++;
        }
        // The server has its signal later than this clock began, so it accepted for the whole delay.
        assertThat(Duration.ofNanos(System.nanoTime() - signalledNs)).isGreaterThanOrEqualTo(Duration.ofMillis(3_000));
        assertThat(late).isPositive();
        assertThat(server.status(20)).isEqualTo(143);
        assertThatThrownBy(() -> Peer.to(port)).isInstanceOf(java.net.ConnectException.class);
    }

    private static boolean isServed(int port) {
        try (Peer peer = Peer.to(port)) {
            return peer.trySay("Ada\n".getBytes(UTF_8)) && "Hello, Ada!".equals(peer.line());
        } catch (IOException refused) {
            return false;
        }
    }

    @Row("G5")
    @Test
    void twoThousandIdleConnectionsStopInThreeSeconds() throws Exception {
        idleConnectionsStop(2_000);
    }

    @Row("G5")
    @Tag("slow")
    @Test
    void nineThousandIdleConnectionsStopInThreeSeconds() throws Exception {
        idleConnectionsStop(9_000);
    }

    /** The report and, as after every case, the log: no ERROR. */
    private void idleConnectionsStop(int count) throws Exception {
        LocalServer server = serve(ground -> ground.lines().reply(line -> line));
        Crowd crowd = closing(Crowd.of(server.port(), count));
        await().untilAsserted(() -> assertThat(server.active()).isEqualTo(count));
        endsHere();
        var stopping = server.server().stop(Duration.ofSeconds(20));
        crowd.awaitClosed(); // Peers that finish too, as peers do.
        DrainReport report = stopping.get(20, TimeUnit.SECONDS);
        assertThat(report.duration()).isLessThan(Duration.ofSeconds(3));
        assertThat(report.forced()).isZero();
    }

    @Row("G7")
    @Test
    void whenTheThirdCannotBindNothingIsLeft() throws Exception {
        LocalServer server = serve(ground -> ground.lines().reply(line -> line)); // For the universal check.
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            int before = server.descriptors();
            Loops loops = Loops.of(backend()).threads(2).named("third");
            Endpoint[] three = new Endpoint[3];
            for (int i = 0; i < 3; i++) {
                three[i] = Tcp.listen(i < 2 ? 0 : taken.getLocalPort())
                        .named("endpoint-" + i)
                        .loops(loops)
                        .reply(bytes -> bytes);
            }
            assertThatThrownBy(() -> Server.start(three))
                    .isInstanceOf(CannotStartException.class)
                    .hasMessageContaining("'endpoint-2'")
                    .hasMessageContaining("Address already in use");
            await().untilAsserted(
                            () -> assertThat(Instruments.threads("third-")).isEmpty());
            await().untilAsserted(() -> assertThat(server.descriptors()).isEqualTo(before));
        }
    }

    @Row("G8")
    @Test
    void everyConnectionClosesWhileItsLoopStillRuns() throws Exception {
        List<String> closedOn = new CopyOnWriteArrayList<>();
        record Ending(List<String> closedOn) implements Session<String> {
            @Override
            public void received(String line) {}

            @Override
            public void closed(CloseReason reason) {
                closedOn.add(Thread.currentThread().getName());
            }
        }
        LocalServer server = serve(ground -> ground.lines().sessions(connection -> new Ending(closedOn)));
        closing(Crowd.of(server.port(), 50)).say("hello\n");
        await().untilAsserted(() -> assertThat(server.active()).isEqualTo(50));
        Set<String> loops = new HashSet<>(server.threads());
        endsHere();
        server.server().stop(Duration.ofSeconds(2)).get(10, TimeUnit.SECONDS);
        assertThat(closedOn).hasSize(50).allSatisfy(thread -> assertThat(loops).contains(thread));
        await().untilAsserted(() -> assertThat(server.threads()).isEmpty());
    }

    /** Says lines one after another for as long as it is wanted, keeps what was acknowledged, and comes back after every end. */
    private static final class Client extends Thread {
        private final int port;
        private final List<String> acknowledged = new CopyOnWriteArrayList<>();
        private volatile boolean wanted = true;

        Client(int port, int number) {
            super("client-" + number);
            this.port = port;
        }

        @Override
        public void run() {
            int said = 0;
            while (wanted) {
                try (Peer peer = Peer.to(port)) {
                    for (String line; wanted; acknowledged.add(line)) {
                        line = getName() + " line-" + said++;
                        if (!("ok " + line).equals(peer.say(line + "\n").line())) {
                            break; // Cut off: nobody knows about this one.
                        }
                    }
                } catch (IOException notThereNow) {
                    LockSupport.parkNanos(20_000_000);
                }
            }
        }
    }

    @Row("G9")
    @Test
    void nothingAcknowledgedIsLostByAKillAndClientsAreBackInFiveSeconds() throws Exception {
        Path file = folder.resolve("lines");
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        ChildServer.Setup setup =
                ChildServer.Setup.of(Servers.STORE).flags("-Dtorture.port=" + port, "-Dtorture.file=" + file);
        ChildServer first = child(setup);
        endsHere();
        List<Client> clients =
                IntStream.range(0, 10).mapToObj(i -> new Client(port, i)).toList();
        clients.forEach(Client::start);
        await().until(() -> clients.stream().allMatch(client -> client.acknowledged.size() >= 20));
        first.signal("KILL"); // With a line of each on its way.
        first.status(10);
        int[] before =
                clients.stream().mapToInt(client -> client.acknowledged.size()).toArray();
        try (ChildServer second = setup.start()) {
            await().atMost(Duration.ofSeconds(5))
                    .until(() -> IntStream.range(0, clients.size())
                            .allMatch(i -> clients.get(i).acknowledged.size() > before[i] + 1));
            for (Client client : clients) {
                client.wanted = false;
                client.join();
            }
            assertThat(second.alive()).isTrue();
        } finally {
            clients.forEach(client -> client.wanted = false);
        }
        Set<String> stored = new HashSet<>(Files.readAllLines(file));
        assertThat(clients).allSatisfy(client -> assertThat(stored).containsAll(client.acknowledged));
    }

    @Row("G11")
    @Test
    void whatWaitedWhileItWasStoppedIsServedBeforeAnyIdleClose() throws Exception {
        stopped(Duration.ofSeconds(3), 1_000);
    }

    @Row("G11")
    @Tag("slow")
    @Test
    @Timeout(120)
    void stoppedForThirtySeconds() throws Exception {
        stopped(Duration.ofSeconds(30), 10_000);
    }

    private void stopped(Duration time, long idleMs) throws Exception {
        bystandersMayWait();
        ChildServer server = child(ChildServer.Setup.of(Servers.CLOCKS).flags("-Dtorture.idle=" + idleMs));
        Crowd crowd = closing(Crowd.of(server.port(), 50));
        crowd.say("before\n");
        crowd.lines(1);
        server.signal("STOP");
        crowd.say("while stopped\n");
        crowd.listen(time);
        server.signal("CONT");
        assertThat(crowd.lines(2)).hasSize(100).contains("while stopped");
        assertThat(server.closed("idle_timeout")).isZero();
        crowd.awaitClosed(); // Now they are idle, and that is noticed again.
        await().untilAsserted(() -> assertThat(server.closed("idle_timeout")).isEqualTo(50));
    }

    @Row("G13")
    @Tag("slow")
    @Test
    void aThousandThatCameTogetherLeaveApart() throws Exception {
        LocalServer server = serve(ground -> ground.lines()
                .with(MaxAge.of(Duration.ofSeconds(10)).jitter(0.1))
                .reply(line -> line));
        try (Crowd crowd = Crowd.of(server.port(), 1_000)) {
            crowd.say("hello\n");
            List<Double> ages = crowd.agesMsWhenClosed();
            assertThat(ages).allSatisfy(age -> assertThat(age).isGreaterThan(8_900));
            double youngest = ages.stream().mapToDouble(age -> age).min().orElseThrow();
            double oldest = ages.stream().mapToDouble(age -> age).max().orElseThrow();
            assertThat(oldest - youngest).isGreaterThan(1_000);
            assertThat(crowd.lines(1)).hasSize(1_000);
        }
        await().untilAsserted(() -> assertThat(server.closed("max_age")).isEqualTo(1_000));
    }

    @Row("G12")
    @Tag("slow")
    @Test
    void monotonicTimeMayStartAnywhere() throws Exception {
        Program.need("unshare");
        List<String> command =
                List.of("unshare", "--time", "--monotonic", "2000000000", "--boottime", "2000000000", "--fork");
        List<String> probe = new ArrayList<>(command);
        probe.add("true");
        Assumptions.assumeTrue(Program.run(probe).status() == 0, "needs time namespaces");
        ChildServer server = child(ChildServer.Setup.of(Servers.CLOCKS)
                .flags("-Dtorture.idle=2000")
                .under(command.toArray(String[]::new)));
        Crowd crowd = closing(Crowd.of(server.port(), 50));
        for (int i = 0; i < 5; i++) {
            crowd.say("on time\n");
            crowd.lines(i + 1);
            crowd.listen(Duration.ofSeconds(1));
        }
        assertThat(crowd.closed()).isZero();
        crowd.awaitClosed();
        await().untilAsserted(() -> assertThat(server.closed("idle_timeout")).isEqualTo(50));
    }

    @Row("G12")
    @Tag("slow")
    @Test
    @Timeout(180)
    void theWallClockIsNobodysTime() throws Exception {
        Program.need("faketime");
        Path wallClock = folder.resolve("wall-clock");
        Files.writeString(wallClock, "+0");
        ChildServer server = child(ChildServer.Setup.of(Servers.CLOCKS)
                .flags("-Dtorture.idle=2000", "-Dtorture.each-hour=60")
                .under(
                        "env",
                        "FAKETIME_NO_CACHE=1",
                        "FAKETIME_TIMESTAMP_FILE=" + wallClock,
                        "faketime",
                        "--exclude-monotonic",
                        "-f",
                        "+0",
                        "sh",
                        "-c",
                        "unset FAKETIME; exec \"$@\"", // Or the file would not be read.
                        "sh"));
        Crowd crowd = closing(Crowd.of(server.port(), 60));
        for (String time : List.of("+1h", "-1h", "+0")) {
            Files.writeString(wallClock, time);
            assertThat(server.wallClockMs() - System.currentTimeMillis())
                    .isCloseTo(3_600_000L * Integer.parseInt(time.replace("h", "")), within(60_000L));
            for (int i = 0; i < 3; i++) {
                crowd.say("on time\n");
                crowd.listen(Duration.ofMillis(700));
            }
            assertThat(crowd.closed()).as("closed at %s", time).isZero();
            try (Peer late = Peer.to(server.port())) {
                assertThat(late.rest()).as("the hour is not over").isEmpty();
            }
        }
        assertThat(server.meter("headrace.connections.rejected rate")).isEqualTo(3);
        crowd.awaitClosed();
        await().untilAsserted(() -> assertThat(server.closed("idle_timeout")).isEqualTo(60));
    }
}

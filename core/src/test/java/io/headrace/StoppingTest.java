package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How a server stops: readiness, the delay, one endpoint of several, and what an operator reads. */
class StoppingTest {
    private static final Duration GRACE = Duration.ofSeconds(10);
    private static final Duration FOR_EVER = Duration.ofDays(1_000_000);

    private final LogCapture log = LogCapture.of(Server.class);
    private final List<String> journal = new CopyOnWriteArrayList<>();
    private final FakeTransport one = new FakeTransport("one", 1, journal);
    private final FakeTransport two = new FakeTransport("two", 2, journal);
    private final Server server =
            Server.of(one.plan("first").reply(text -> text), two.plan("second").reply(text -> text));

    @AfterEach
    void stopServer() {
        one.empty.countDown();
        two.empty.countDown();
        report(server.stop(Duration.ZERO));
        log.close();
    }

    private static DrainReport report(CompletableFuture<DrainReport> stopping) {
        return stopping.orTimeout(10, TimeUnit.SECONDS).join();
    }

    private static ConnectionInfo connection(long id) {
        SocketAddress address = InetSocketAddress.createUnresolved("peer", 4_242);
        return new ConnectionInfo(
                id, "first", address, Duration.ofMillis(3_200), 120, 40, 7, 2, ConnectionInfo.State.ENDING);
    }

    // ---- readiness and delay

    @Test
    void aServerIsReadyWhileItRuns() {
        assertThat(server.ready()).isFalse();
        one.whenAccepting = () -> journal.add("ready " + server.ready());
        server.start();
        assertThat(server.ready()).isTrue();
        report(server.stop(GRACE));
        assertThat(server.ready()).isFalse();
        assertThat(journal).contains("ready false");
    }

    @Test
    void duringTheDelayItIsNotReadyAndStillAccepts() {
        Drain drain = Drain.within(GRACE).after(Duration.ofMillis(300));
        server.start();
        CompletableFuture<DrainReport> stopping = server.stop(drain);
        assertThat(server.ready()).isFalse();
        assertThat(server.state()).isEqualTo(Server.State.DRAINING);
        DrainReport report = report(stopping);
        assertThat(report.delay()).isEqualTo(Duration.ofMillis(300));
        assertThat(report.duration()).isGreaterThanOrEqualTo(report.delay());
        assertThat(report.toString()).endsWith(", for 300 ms of them accepting");
        assertThat(log.lines(Level.INFO))
                .contains("draining [first, second], accepting for 0.3s more, then for at most 10s");
    }

    @Test
    void theDelayComesBeforeAnythingIsAskedToEnd() {
        server.start();
        CompletableFuture<DrainReport> stopping =
                server.stop(Drain.within(GRACE).after(FOR_EVER));
        await().until(() -> !log.lines(Level.INFO).stream()
                .filter(line -> line.startsWith("draining"))
                .toList()
                .isEmpty());
        assertThat(journal).doesNotContain("stopAccepting one", "drain one");
        assertThat(stopping).isNotDone();
        stopThread().interrupt(); // Which no user can: the test cannot wait for it.
        report(stopping);
        assertThat(journal).contains("stopAccepting one", "drain one");
    }

    private static Thread stopThread() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("headrace-stop"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theGraceBeginsWhenAcceptingStops() {
        one.open = 1;
        server.start();
        CompletableFuture<DrainReport> stopping =
                server.stop(new Drain(Duration.ofMillis(100), Duration.ofMillis(100)));
        DrainReport report = report(stopping);
        assertThat(report.forced()).isEqualTo(1);
        assertThat(report.duration()).isGreaterThanOrEqualTo(Duration.ofMillis(200));
    }

    @Test
    void withoutAWordTheGraceIsTwentyFiveSeconds() {
        server.start();
        report(server.stop());
        assertThat(log.lines(Level.INFO)).contains("draining [first, second], for at most 25s");
    }

    @Test
    void badTimesAreRefusedWhereTheyAreWritten() {
        assertThatThrownBy(() -> Drain.within(Duration.ofSeconds(-1))).hasMessage("grace: PT-1S (expected: >= 0)");
        assertThatThrownBy(() -> Drain.within(GRACE).after(Duration.ofSeconds(-1)))
                .hasMessage("delay: PT-1S (expected: >= 0)");
    }

    // ---- one endpoint of several

    @Test
    void oneEndpointStopsAndTheOtherGoesOn() {
        one.open = 3;
        server.start();
        CompletableFuture<DrainReport> stopping = server.stop("first", GRACE);
        assertThat(server.stop("first", Duration.ZERO)).isNotDone(); // The first call decides.
        one.empty.countDown();
        assertThat(report(stopping).graceful()).isEqualTo(3);
        assertThat(journal)
                .containsExactly(
                        "listen one",
                        "listen two",
                        "accept one",
                        "accept two",
                        "stopAccepting one",
                        "drain one",
                        "awaitEmpty one",
                        "force one",
                        "close one");
        assertThat(server.state()).isEqualTo(Server.State.RUNNING);
        assertThat(server.ready()).isTrue();
        assertThat(two.endpoint.openLoops().get(0).eventLoop().isShuttingDown()).isFalse();
        assertThat(one.endpoint.openLoops().get(0).eventLoop().isShuttingDown()).isTrue();
    }

    @Test
    void theReportOfTheRestCountsWhatStoppedBefore() {
        one.open = 3;
        two.open = 2;
        server.start();
        assertThat(report(server.stop("first", Duration.ZERO)).forced()).isEqualTo(3);
        two.empty.countDown();
        DrainReport all = report(server.stop(GRACE));
        assertThat(all.forced()).isEqualTo(3);
        assertThat(all.droppedBytes()).isEqualTo(30);
        assertThat(all.graceful()).isEqualTo(2);
        assertThat(journal).containsOnlyOnce("drain one").containsOnlyOnce("drain two");
        assertThat(report(server.stop("second", GRACE)).graceful()).isEqualTo(2);
    }

    @Test
    void theRestWaitsForAnEndpointThatStillDrains() {
        one.open = 1;
        server.start();
        CompletableFuture<DrainReport> first = server.stop("first", GRACE);
        CompletableFuture<DrainReport> all = server.stop(GRACE);
        await().until(() -> journal.contains("close two"));
        assertThat(all).isNotDone();
        one.empty.countDown();
        assertThat(report(all).graceful()).isEqualTo(1);
        report(first);
        assertThat(journal).containsOnlyOnce("drain one");
    }

    @Test
    void withItsLastEndpointTheServerHasStopped() {
        one.open = 1;
        one.empty.countDown();
        server.start();
        report(server.stop("first", GRACE));
        report(server.stop("second", GRACE));
        assertThat(report(server.stopped()).graceful()).isEqualTo(1);
        assertThat(server.state()).isEqualTo(Server.State.STOPPED);
    }

    @Test
    void onlyARunningEndpointCanBeStopped() {
        assertThatThrownBy(() -> server.stop("first", GRACE)).hasMessage("server: NEW (expected: started)");
        server.start();
        assertThatThrownBy(() -> server.stop("third", GRACE))
                .hasMessage("endpoint: third (expected: one of [first, second])");
    }

    // ---- what an operator sees

    @Test
    void whatIsForcedIsListedUpToTen() {
        one.open = 12;
        one.first =
                LongStream.rangeClosed(1, 10).mapToObj(StoppingTest::connection).toList();
        server.start();
        report(server.stop(Duration.ZERO));
        String listed = log.warnings().get(0);
        assertThat(listed)
                .startsWith("fake endpoint 'first' on one: cut off 12 when the grace was over\n\t"
                        + "peer:4242 #1 of 'first': ending, 3.2s old, 2 open exchanges, 120 bytes in, 40 out, 7 wait\n")
                .endsWith("\n\tand 2 more");
        assertThat(listed.lines()).hasSize(12);
    }

    @Test
    void connectionsAreListedOldestFirstOfAllOrOfOne() {
        one.first = List.of(connection(7), connection(3));
        two.first = List.of(connection(5));
        assertThatThrownBy(server::connections).hasMessage("server: NEW (expected: started)");
        server.start();
        assertThat(server.connections()).extracting(ConnectionInfo::id).containsExactly(3L, 5L, 7L);
        assertThat(server.connections("second")).extracting(ConnectionInfo::id).containsExactly(5L);
        assertThat(server.connection(3)).isEmpty(); // This transport has none to give.
    }

    @Test
    void nobodyWaitsForConnectionsOnAnEventLoop() {
        server.start();
        var loop = one.endpoint.openLoops().get(0).eventLoop();
        assertThatThrownBy(() -> loop.submit(() -> server.connections()).sync())
                .hasMessage("thread: an event loop (expected: one that may block)");
        assertThatThrownBy(() -> loop.submit(() -> server.connection(1)).sync())
                .hasMessage("thread: an event loop (expected: one that may block)");
    }
}

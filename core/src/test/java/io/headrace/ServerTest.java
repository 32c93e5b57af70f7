package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.netty.channel.Channel;
import java.net.BindException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ServerTest {
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final LogCapture log = LogCapture.of(Server.class);
    private final List<String> journal = new CopyOnWriteArrayList<>();
    private final FakeTransport one = new FakeTransport("one", 1, journal);
    private final FakeTransport two = new FakeTransport("two", 2, journal);
    private Server server;

    @AfterEach
    void stopServer() {
        if (server != null) {
            report(server.stop(Duration.ZERO));
        }
        log.close();
    }

    /** What it completes with, soon. */
    private static DrainReport report(CompletableFuture<DrainReport> stopping) {
        return stopping.orTimeout(10, TimeUnit.SECONDS).join();
    }

    private static Endpoint endpoint(FakeTransport transport, String name) {
        return transport.plan(name).reply(text -> text);
    }

    private Server both() {
        server = Server.of(endpoint(one, "first"), endpoint(two, "second"));
        return server;
    }

    private Server onlyOne() {
        server = Server.of(endpoint(one, "first"));
        return server;
    }

    // ---- states

    @Test
    void aServerIsNewUntilItIsStarted() {
        assertThat(both().state()).isEqualTo(Server.State.NEW);
        assertThat(journal).isEmpty();
    }

    @Test
    void aStartedServerRuns() {
        assertThat(both().start().state()).isEqualTo(Server.State.RUNNING);
    }

    @Test
    void aServerDrainsWhileSomethingIsOpen() {
        one.open = 1;
        onlyOne().start().stop(GRACE);
        assertThat(server.state()).isEqualTo(Server.State.DRAINING);
        one.empty.countDown();
    }

    @Test
    void aServerWithNothingOpenStops() {
        report(both().start().stop(GRACE));
        assertThat(server.state()).isEqualTo(Server.State.STOPPED);
    }

    @Test
    void aServerStartsOnlyOnce() {
        both().start();
        assertThatThrownBy(server::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("server: RUNNING (expected: NEW)");
    }

    @Test
    void aStoppedServerDoesNotStartAgain() {
        report(both().start().stop(GRACE));
        assertThatThrownBy(server::start).hasMessage("server: STOPPED (expected: NEW)");
    }

    @Test
    void aServerThatNeverStartedStopsAtOnce() {
        assertThat(both().stop()).isCompleted();
        assertThat(server.state()).isEqualTo(Server.State.STOPPED);
        assertThat(journal).isEmpty();
    }

    @Test
    void aServerPrintsItsStateAndItsEndpoints() {
        assertThat(both()).hasToString("server NEW of [first, second]");
    }

    // ---- start

    @Test
    void nobodyIsLetInBeforeEveryEndpointListens() {
        both().start();
        assertThat(journal).containsExactly("listen one", "listen two", "accept one", "accept two");
    }

    @Test
    void whatHasStartedIsReleasedInReverseWhenTheNextCannotStart() {
        FakeTransport three = new FakeTransport("three", 3, journal);
        three.cannotListen = new BindException("Address already in use");
        server = Server.of(endpoint(one, "first"), endpoint(two, "second"), endpoint(three, "third"));
        assertThatThrownBy(server::start).isInstanceOf(CannotStartException.class);
        assertThat(journal)
                .containsExactly(
                        "listen one",
                        "listen two",
                        "stopAccepting two",
                        "force two",
                        "close two",
                        "stopAccepting one",
                        "force one",
                        "close one");
    }

    @Test
    void whatCannotStartSaysWhatWhereAndWhy() {
        one.cannotListen = new BindException("Address already in use");
        assertThatThrownBy(onlyOne()::start)
                .isInstanceOf(CannotStartException.class)
                .hasMessage("cannot start fake endpoint 'first' on one: Address already in use")
                .hasCause(one.cannotListen);
    }

    @Test
    void whatCannotStartLeavesOutTheNameOfTheSystemCall() {
        one.cannotListen = new BindException("bind(..) failed with error(-98): Address already in use");
        assertThatThrownBy(onlyOne()::start)
                .hasMessage("cannot start fake endpoint 'first' on one: Address already in use");
    }

    @Test
    void whatCannotStartForNoStatedReasonNamesTheException() {
        one.cannotListen = new BindException();
        assertThatThrownBy(onlyOne()::start).hasMessage("cannot start fake endpoint 'first' on one: BindException");
    }

    @Test
    void whatCannotStartForAReasonBelowSaysBoth() {
        one.cannotListen = new IllegalStateException("cannot make a loop", new BindException("out of memory"));
        assertThatThrownBy(onlyOne()::start)
                .hasMessage("cannot start fake endpoint 'first' on one: cannot make a loop: out of memory");
    }

    @Test
    void whatCannotStartForAReasonBelowSaysNothingTwice() {
        one.cannotListen = new IllegalStateException(new BindException("Address already in use"));
        assertThatThrownBy(onlyOne()::start)
                .hasMessage("cannot start fake endpoint 'first' on one:"
                        + " java.net.BindException: Address already in use");
    }

    @Test
    void whatCannotStartIsStopped() {
        one.cannotListen = new BindException("Address already in use");
        assertThatThrownBy(onlyOne()::start).isInstanceOf(CannotStartException.class);
        assertThat(server.state()).isEqualTo(Server.State.STOPPED);
        assertThat(server.stopped()).isCompleted();
    }

    @Test
    void whatCannotStartLeavesNoThreads() {
        one.cannotListen = new BindException("Address already in use");
        assertThatThrownBy(onlyOne()::start).isInstanceOf(CannotStartException.class);
        await().until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("first-loop-1")));
    }

    @Test
    void anEndpointThatCannotLetPeersInReleasesEverything() {
        two.whenAccepting = () -> {
            throw new IllegalStateException("on purpose");
        };
        assertThatThrownBy(both()::start).hasMessage("on purpose");
        assertThat(server.state()).isEqualTo(Server.State.STOPPED);
        assertThat(journal).endsWith("close two", "stopAccepting one", "force one", "close one");
    }

    @Test
    void aStageThatCannotOpenReleasesWhatOpenedBefore() {
        MessageStage broken = new MessageStage() {
            @Override
            public Slot slot() {
                return Slot.LIMIT;
            }

            @Override
            public PerLoop open(Site site) {
                site.onStop(() -> journal.add("close stage"));
                throw new IllegalStateException("on purpose");
            }
        };
        server = Server.of(one.plan("first").with(broken).reply(text -> text));
        assertThatThrownBy(server::start)
                .isInstanceOf(CannotStartException.class)
                .hasMessage("cannot start fake endpoint 'first' on one: on purpose");
        assertThat(journal).containsExactly("close stage");
    }

    @Test
    void stagesAreClosedNewestFirst() {
        server = Server.of(one.plan("first")
                .with(closing("outer", Slot.MEASURE))
                .with(closing("inner", Slot.EXECUTE))
                .reply(text -> text));
        report(server.start().stop(GRACE));
        assertThat(journal).endsWith("close one", "close inner", "close outer");
    }

    @Test
    void aStageThatCannotBeClosedKeepsNothingOpen() {
        MessageStage faulty = closing("faulty", Slot.LIMIT, () -> {
            throw new AssertionError("on purpose");
        });
        server = Server.of(one.plan("first")
                .with(closing("outer", Slot.MEASURE))
                .with(faulty)
                .with(closing("inner", Slot.EXECUTE))
                .reply(text -> text));
        report(server.start().stop(GRACE));
        assertThat(journal).endsWith("close one", "close inner", "close outer");
    }

    private MessageStage closing(String name, Slot slot) {
        return closing(name, slot, () -> journal.add("close " + name));
    }

    private static MessageStage closing(String name, Slot slot, AutoCloseable part) {
        return new MessageStage() {
            @Override
            public Object kind() {
                return name;
            }

            @Override
            public Slot slot() {
                return slot;
            }

            @Override
            public PerLoop open(Site site) {
                site.onStop(part);
                return (next, loop) -> next;
            }
        };
    }

    // ---- bad settings

    @Test
    void settingsAreJudgedOnce() {
        AtomicInteger judged = new AtomicInteger();
        MessageStage stage = new MessageStage() {
            @Override
            public Slot slot() {
                return Slot.LIMIT;
            }

            @Override
            public void check(Problems problems) {
                judged.incrementAndGet();
            }

            @Override
            public PerLoop open(Site site) {
                return (next, loop) -> next;
            }
        };
        server = Server.of(one.plan("first").with(stage).reply(text -> text));
        server.start();
        assertThat(judged).hasValue(1);
    }

    @Test
    void everyProblemOfEveryEndpointIsToldTogether() {
        one.problem = "bad";
        two.problem = "worse";
        server = Server.of(
                one.plan("first").loops(Loops.of(Loops.Backend.NIO).threads(0)).reply(text -> text),
                endpoint(two, "second"));
        assertThatThrownBy(server::start)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("fake endpoint 'first' on one: fake: bad (expected: none);"
                        + " loops.threads: 0 (expected: 1 to 1024)\n"
                        + "fake endpoint 'second' on two: fake: worse (expected: none)");
        assertThat(journal).isEmpty();
    }

    @Test
    void twoEndpointsOfOneNameAreAProblem() {
        server = Server.of(endpoint(one, "same"), endpoint(two, "same"));
        assertThatThrownBy(server::start)
                .hasMessage("fake endpoint 'same' on two: name: same (expected: unique in the server)");
    }

    @Test
    void aBlankNameIsAProblem() {
        server = Server.of(endpoint(one, " "));
        assertThatThrownBy(server::start).hasMessage("fake endpoint ' ' on one: name:   (expected: not blank)");
    }

    @Test
    void noEndpointIsAProblem() {
        server = Server.of();
        assertThatThrownBy(server::start).hasMessage("endpoints: none (expected: at least one)");
    }

    // ---- addresses

    @Test
    void addressesComeInTheOrderOfTheEndpoints() {
        assertThat(both().start().addresses()).containsExactly(one.bound, two.bound);
    }

    @Test
    void anEndpointIsFoundByItsName() {
        assertThat(both().start().addresses("second")).containsExactly(two.bound);
    }

    @Test
    void aNameThatIsNoEndpointsSaysWhichThereAre() {
        both().start();
        assertThatThrownBy(() -> server.addresses("third"))
                .hasMessage("endpoint: third (expected: one of [first, second])");
    }

    @Test
    void aServerThatNeverStartedHasNoAddress() {
        assertThatThrownBy(both()::address).hasMessage("server: NEW (expected: started)");
    }

    @Test
    void addressesAreKnownAsSoonAsPeersAreLetIn() {
        List<Integer> ports = new ArrayList<>();
        one.whenAccepting = () -> ports.add(server.port());
        onlyOne().start();
        assertThat(ports).containsExactly(1);
    }

    // ---- stop

    @Test
    void stopGoesThroughItsStepsForAllEndpointsTogether() {
        report(both().start().stop(GRACE));
        assertThat(journal.subList(4, journal.size()))
                .containsExactly(
                        "stopAccepting one",
                        "stopAccepting two",
                        "drain one",
                        "drain two",
                        "awaitEmpty one",
                        "awaitEmpty two",
                        "force one",
                        "force two",
                        "close two",
                        "close one");
    }

    @Test
    void whatEndsWithinTheGraceIsGraceful() {
        one.open = 3;
        onlyOne().start();
        CompletableFuture<DrainReport> stopping = server.stop(GRACE);
        one.empty.countDown();
        DrainReport report = report(stopping);
        assertThat(report.graceful()).isEqualTo(3);
        assertThat(report.forced()).isZero();
    }

    @Test
    void whatIsOpenWhenTheGraceIsOverIsForced() {
        one.open = 3;
        DrainReport report = report(onlyOne().start().stop(Duration.ZERO));
        assertThat(report.graceful()).isZero();
        assertThat(report.forced()).isEqualTo(3);
        assertThat(report.droppedBytes()).isEqualTo(30);
    }

    @Test
    void stoppingTwiceGivesTheSameReport() {
        both().start();
        assertThat(report(server.stop(GRACE))).isSameAs(report(server.stop(GRACE)));
        assertThat(journal).containsOnlyOnce("drain one");
    }

    @Test
    void stoppingFromFourThreadsDrainsOnce() throws InterruptedException {
        both().start();
        CountDownLatch go = new CountDownLatch(1);
        List<DrainReport> reports = new CopyOnWriteArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread thread = new Thread(() -> {
                try {
                    go.await();
                } catch (InterruptedException never) {
                    throw new AssertionError(never);
                }
                reports.add(report(server.stop(GRACE)));
            });
            thread.start();
            threads.add(thread);
        }
        go.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(reports).hasSize(4).containsOnly(reports.get(0));
        assertThat(journal).containsOnlyOnce("drain one");
    }

    @Test
    void stoppingFromAHandlerDoesNotBlockIt() {
        AtomicReference<CompletableFuture<DrainReport>> stopping = new AtomicReference<>();
        server = Server.of(one.plan("first").consume(text -> stopping.set(server.stop(GRACE))));
        server.start();
        handle("stop");
        assertThat(report(stopping.get())).isNotNull();
        assertThat(server.state()).isEqualTo(Server.State.STOPPED);
    }

    @Test
    void closingFromAHandlerDoesNotWaitForItself() {
        server = Server.of(one.plan("first").consume(text -> server.close()));
        server.start();
        handle("stop");
        assertThat(report(server.stopped())).isNotNull();
    }

    /** On the endpoint's loop. */
    private void handle(String message) {
        OpenLoop loop = one.endpoint.openLoops().get(0);
        OrderedExchanges<Object> exchanges = new OrderedExchanges<>(loop, null, new Owner());
        loop.eventLoop().submit(() -> exchanges.received(message)).syncUninterruptibly();
    }

    @Test
    void stoppingWhileItStartsStopsItOnceItHasStarted() {
        one.whenAccepting = () -> server.stop(GRACE);
        both().start();
        report(server.stopped());
        assertThat(server.state()).isEqualTo(Server.State.STOPPED);
        assertThat(journal).containsOnlyOnce("drain two");
    }

    @Test
    void stoppingWhileAStartFailsCompletesToo() {
        AtomicReference<CompletableFuture<DrainReport>> stopping = new AtomicReference<>();
        one.whenAccepting = () -> {
            stopping.set(server.stop(GRACE));
            throw new IllegalStateException("on purpose");
        };
        assertThatThrownBy(both()::start).hasMessage("on purpose");
        assertThat(stopping.get()).isCompleted();
    }

    @Test
    void theFirstCallDecidesTheGrace() {
        one.open = 1;
        one.whenAccepting = () -> {
            server.stop(Duration.ZERO);
            server.stop(Duration.ofDays(1));
        };
        onlyOne().start();
        assertThat(report(server.stopped()).forced()).isEqualTo(1);
    }

    @Test
    void aGraceBeyondWhatNanosecondsCanCountIsLong() {
        one.open = 1;
        onlyOne().start();
        CompletableFuture<DrainReport> stopping = server.stop(Duration.ofSeconds(Long.MAX_VALUE));
        one.empty.countDown();
        assertThat(report(stopping).graceful()).isEqualTo(1);
    }

    @Test
    void aNegativeGraceIsRefused() {
        assertThatThrownBy(() -> both().stop(Duration.ofSeconds(-1))).hasMessage("grace: PT-1S (expected: >= 0)");
    }

    @Test
    void whatOneCallerDoesToItsFutureReachesNobodyElse() {
        one.open = 1;
        onlyOne().start();
        server.stop(GRACE).completeExceptionally(new IllegalStateException("mine"));
        one.empty.countDown();
        assertThat(report(server.stopped()).graceful()).isEqualTo(1);
    }

    @Test
    void anEndpointThatFailsToStopKeepsNoOtherFromStopping() {
        one.cannotStop = new IllegalStateException("on purpose");
        two.open = 1;
        both().start();
        DrainReport report = report(server.stop(Duration.ZERO));
        assertThat(report.forced()).isEqualTo(1);
        assertThat(journal).contains("force one", "force two").endsWith("close two", "close one");
        assertThat(log.warnings())
                .containsOnly(
                        "stopping fake endpoint 'first' on one failed",
                        "fake endpoint 'second' on two: cut off 1 when the grace was over");
    }

    // ---- what operators read

    @Test
    void anOperatorReadsStartDrainAndStop() {
        report(both().start().stop(GRACE));
        assertThat(log.lines(Level.INFO))
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo("fake endpoint 'first' listens on 10.0.0.1:1 (nio)"),
                        line -> assertThat(line).isEqualTo("fake endpoint 'second' listens on 10.0.0.1:2 (nio)"),
                        line -> assertThat(line).isEqualTo("draining [first, second], for at most 10s"),
                        line -> assertThat(line)
                                .matches("stopped \\[first, second]: 0 graceful, 0 forced, 0 bytes dropped, \\d+ ms"));
    }

    // ---- shared loops

    @Test
    void endpointsThatNameTheSameLoopsShareThem() {
        Loops shared = Loops.of(Loops.Backend.NIO).threads(1).named("shared");
        Plan<Channel, String, String> first = one.plan("first").loops(shared);
        Plan<Channel, String, String> second = two.plan("second").loops(shared);
        server = Server.start(first.reply(text -> text), second.reply(text -> text));
        assertThat(one.endpoint.openLoops().get(0).eventLoop())
                .isSameAs(two.endpoint.openLoops().get(0).eventLoop());
    }
}

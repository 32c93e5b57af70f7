package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headrace.CannotStartException;
import io.headrace.Codec;
import io.headrace.DrainReport;
import io.headrace.Endpoint;
import io.headrace.Exchange;
import io.headrace.Loops;
import io.headrace.Loops.Backend;
import io.headrace.Outcome;
import io.headrace.Server;
import io.headrace.Slot;
import io.headrace.Stage;
import io.netty.channel.ChannelDuplexHandler;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** How an endpoint starts and ends. */
class UdpLifeTest {

    @OnEachBackend
    void aTakenPortIsSaidInTheSystemsWords(Backend backend) throws Exception {
        Loops loops = On.loops(backend);
        try (Caller taken = Caller.listening()) {
            Endpoint endpoint = Udp.listen(taken.port()).loops(loops).reply(bytes -> bytes);
            assertThatThrownBy(endpoint::start)
                    .isInstanceOf(CannotStartException.class)
                    .hasMessage(
                            "cannot start udp endpoint 'udp-%1$d' on 127.0.0.1:%1$d: Address already in use",
                            taken.port());
        }
    }

    @OnEachBackend
    void aFailedStartLeavesNothingOpen(Backend backend) throws Exception {
        Loops loops = On.loops(backend).named("left-open-" + backend);
        try (Caller taken = Caller.listening()) {
            Endpoint first = Udp.listen(0).named("first").loops(loops).reply(bytes -> bytes);
            Endpoint second = Udp.listen(taken.port()).loops(loops).reply(bytes -> bytes);
            assertThatThrownBy(() -> Server.start(first, second)).isInstanceOf(CannotStartException.class);
        }
        await().until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("left-open-" + backend)));
    }

    @OnEachBackend
    void aPortIsFreeAfterTheServerHasStopped(Backend backend) {
        Server first =
                Udp.listen(0).loops(On.loops(backend)).reply(bytes -> bytes).start();
        int port = first.port();
        first.stop().join();
        Server second =
                Udp.listen(port).loops(On.loops(backend)).reply(bytes -> bytes).start();
        second.stop().join();
    }

    @Test
    void allBadSettingsAreReportedTogether() {
        Endpoint endpoint = Udp.listen(" ", 70_000)
                .named("bad")
                .options(o -> o.maxDatagramBytes(0)
                        .receiveBufferBytes(-1)
                        .sendBufferBytes(-2)
                        .answerTimeout(Duration.ZERO))
                .with(Stage.netty(Slot.FRAMING, "frames", ChannelDuplexHandler::new))
                .loops(Loops.auto().threads(0))
                .reply(bytes -> bytes);
        assertThatThrownBy(endpoint::start)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(
                        "host:   (expected: a name or an address)",
                        "port: 70000 (expected: 0 to 65535)",
                        "maxDatagramBytes: 0 (expected: 1 to 65507)",
                        "receiveBufferBytes: -1 (expected: >= 0)",
                        "sendBufferBytes: -2 (expected: >= 0)",
                        "answerTimeout: PT0S (expected: > 0, at most 100 years)",
                        "frames in slot: FRAMING (expected: one of ADMISSION, PEER, LIVENESS, WIRE, PRESSURE)",
                        "loops.threads: 0 (expected: 1 to 1024)");
    }

    @Test
    void aHostThatDoesNotResolveIsSaid() {
        Endpoint endpoint = Udp.listen("no such host", 0).named("lost").reply(bytes -> bytes);
        assertThatThrownBy(endpoint::start)
                .isInstanceOf(CannotStartException.class)
                .hasMessageStartingWith("cannot start udp endpoint 'lost' on no such host:0: no such host");
    }

    @Test
    void printsItsLine() {
        assertThat(Udp.listen(8125)
                        .with(new Counts())
                        .codec(Codec.utf8())
                        .consume(text -> {})
                        .toString())
                .startsWith("udp endpoint 'udp-8125' on 127.0.0.1:8125: wire > ADMISSION ")
                .contains(" > CODEC utf8 > handler");
    }

    @OnEachBackend
    void bindsToAnAddressThatIsGivenAsOne(Backend backend) {
        Server server = Udp.listen(new InetSocketAddress("127.0.0.1", 0))
                .loops(On.loops(backend))
                .reply(bytes -> bytes)
                .start();
        assertThat(((InetSocketAddress) server.address()).getHostString()).isEqualTo("127.0.0.1");
        server.stop().join();
    }

    @OnEachBackend
    void stopWaitsForOpenExchangesAndTheirReplies(Backend backend) throws Exception {
        BlockingQueue<Exchange<String>> open = new LinkedBlockingQueue<>();
        Server server = Udp.listen(0)
                .loops(On.loops(backend))
                .codec(Codec.utf8())
                .<String>handle((text, exchange) -> open.add(exchange))
                .start();
        try (Caller caller = Caller.of(server)) {
            Exchange<String> exchange = open(caller.send("Ada"), open);
            CompletableFuture<DrainReport> stopped = server.stop();
            await().until(() -> server.state() == Server.State.DRAINING);
            exchange.reply("late, but here");
            assertThat(caller.receive()).isEqualTo("late, but here");
            DrainReport report = stopped.join();
            assertThat(report.forced()).isZero();
            assertThat(report.droppedBytes()).isZero();
        }
    }

    @OnEachBackend
    void stopAbandonsWhatIsOpenAfterTheGraceAndReportsIt(Backend backend) throws Exception {
        BlockingQueue<Exchange<String>> open = new LinkedBlockingQueue<>();
        Server server = Udp.listen(0)
                .loops(On.loops(backend))
                .codec(Codec.utf8())
                .<String>handle((text, exchange) -> open.add(exchange))
                .start();
        try (Caller caller = Caller.of(server)) {
            Exchange<String> exchange = open(caller.send("Ada"), open);
            assertThat(server.stop(Duration.ZERO).join().forced()).isEqualTo(1);
            assertThat(exchange.outcome()).isEqualTo(Outcome.ABANDONED);
        }
    }

    private static Exchange<String> open(Caller sent, BlockingQueue<Exchange<String>> open)
            throws InterruptedException {
        Exchange<String> exchange = open.poll(10, TimeUnit.SECONDS);
        assertThat(exchange).as("the exchange of %s", sent).isNotNull();
        return exchange;
    }

    @OnEachBackend
    void nothingIsTakenAfterTheServerHasStopped(Backend backend) throws Exception {
        BlockingQueue<Exchange<Object>> open = new LinkedBlockingQueue<>();
        Server server = Udp.listen(0)
                .loops(On.loops(backend))
                .handle((bytes, exchange) -> open.add(exchange))
                .start();
        try (Caller caller = Caller.of(server)) {
            caller.send("Ada");
            Exchange<Object> exchange = open.poll(10, TimeUnit.SECONDS);
            server.stop(Duration.ZERO).join();
            assertThat(exchange.peer().send("too late")).isFalse();
            assertThat(exchange.reply("too late")).isFalse();
        }
    }

    @OnEachBackend
    void whatWaitsInTheSystemsQueueIsServedBeforeTheStop(Backend backend) throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch free = new CountDownLatch(1);
        AtomicInteger consumed = new AtomicInteger();
        Server server = Udp.listen(0)
                .loops(On.loops(backend))
                .consume(bytes -> {
                    consumed.incrementAndGet();
                    busy.countDown();
                    try {
                        free.await();
                    } catch (InterruptedException impossible) {
                        Thread.currentThread().interrupt();
                    }
                })
                .start();
        try (Caller caller = Caller.of(server)) {
            caller.send("first");
            busy.await();
            for (int i = 0; i < 50; i++) {
                caller.send("more");
            }
            CompletableFuture<DrainReport> stopped = server.stop();
            free.countDown();
            stopped.join();
            assertThat(consumed).hasValue(51);
        }
    }

    @OnEachBackend
    void aHandlerMayStopItsServer(Backend backend) throws Exception {
        CompletableFuture<Server> started = new CompletableFuture<>();
        Server server = Udp.listen(0)
                .loops(On.loops(backend))
                .consume(bytes -> started.join().close())
                .start();
        started.complete(server);
        try (Caller caller = Caller.of(server)) {
            caller.send("stop");
            assertThat(server.stopped().get(10, TimeUnit.SECONDS).forced()).isZero();
        }
    }
}

package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headrace.CannotStartException;
import io.headrace.Client;
import io.headrace.Clock;
import io.headrace.CloseReason;
import io.headrace.Codec;
import io.headrace.DropReason;
import io.headrace.Endpoint;
import io.headrace.LogCapture;
import io.headrace.Loops;
import io.headrace.Loops.Backend;
import io.headrace.ManualClock;
import io.headrace.Server;
import io.headrace.Slot;
import io.headrace.Stage;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.PortUnreachableException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A client, its one question, and what comes unasked. */
class UdpClientTest {

    private static UdpClientSetup<String, String> texts(Caller peer, Backend backend) {
        return Udp.connect("127.0.0.1", peer.port()).loops(On.loops(backend)).codec(Codec.utf8());
    }

    private static <T> T result(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private static Throwable failure(CompletionStage<?> stage) {
        try {
            throw new AssertionError("completed with " + result(stage));
        } catch (ExecutionException failed) {
            return failed.getCause();
        } catch (Exception other) {
            throw new AssertionError(other);
        }
    }

    @OnEachBackend
    void theNextDatagramIsTheAnswer(Backend backend) throws Exception {
        try (Caller peer = Caller.listening();
                Client<String, String> client = texts(peer, backend).start()) {
            CompletionStage<String> answer = client.ask("Ada?");
            assertThat(peer.receive()).isEqualTo("Ada?");
            peer.send("Ada!");
            assertThat(result(answer)).isEqualTo("Ada!");
        }
    }

    @OnEachBackend
    void asksAHeadraceServerAgainAndAgain(Backend backend) throws Exception {
        try (Server server = Udp.listen(0)
                        .loops(On.loops(backend))
                        .reply(bytes -> bytes)
                        .start();
                Client<String, String> client = Udp.connect("127.0.0.1", server.port())
                        .loops(On.loops(backend))
                        .codec(Codec.utf8())
                        .start()) {
            for (int i = 0; i < 100; i++) {
                assertThat(result(client.ask("question " + i))).isEqualTo("question " + i);
            }
        }
    }

    @OnEachBackend
    void anAnswerThatIsABufferBelongsToWhoAsked(Backend backend) throws Exception {
        try (Caller peer = Caller.listening();
                Client<ByteBuf, Object> client = Udp.connect("127.0.0.1", peer.port())
                        .loops(On.loops(backend))
                        .start()) {
            CompletionStage<ByteBuf> answer = client.ask("Ada?");
            peer.receive();
            peer.send("Ada!");
            ByteBuf bytes = result(answer);
            await().until(() -> bytes.refCnt() == 1); // The exchange has let go of its own reference.
            assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("Ada!");
            bytes.release();
        }
    }

    @OnEachBackend
    void aSecondQuestionFailsAtOnce(Backend backend) throws Exception {
        try (Caller peer = Caller.listening();
                Client<String, String> client = texts(peer, backend).start()) {
            client.ask("first");
            assertThat(client.ask("second").toCompletableFuture())
                    .isCompletedExceptionally()
                    .failsWithin(Duration.ZERO)
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(IllegalStateException.class)
                    .withMessageContaining(
                            "ask: a question to 127.0.0.1:%d is open (expected: one at a time)", peer.port());
        }
    }

    @OnEachBackend
    void whatWaitsForAnAnswerMayAskAgain(Backend backend) throws Exception {
        try (Server server = Udp.listen(0)
                        .loops(On.loops(backend))
                        .reply(bytes -> bytes)
                        .start();
                Client<String, String> client = Udp.connect("127.0.0.1", server.port())
                        .loops(On.loops(backend))
                        .codec(Codec.utf8())
                        .start()) {
            CompletionStage<String> second = client.ask("one").thenCompose(answer -> client.ask(answer + ", two"));
            assertThat(result(second)).isEqualTo("one, two");
        }
    }

    @OnEachBackend
    void aQuestionWithoutAnAnswerTimesOut(Backend backend) throws Exception {
        ManualClock clock = Clock.manual();
        try (Caller peer = Caller.listening();
                Client<String, String> client = texts(peer, backend)
                        .loops(On.loops(backend).clock(clock))
                        .start()) {
            CompletionStage<String> answer = client.ask("anybody there?");
            peer.receive();
            clock.advance(Duration.ofMillis(4_000));
            assertThat(answer.toCompletableFuture()).isNotDone();
            clock.advance(Duration.ofMillis(1_500));
            assertThat(failure(answer))
                    .isInstanceOf(TimeoutException.class)
                    .hasMessage("no answer from 127.0.0.1:" + peer.port() + " within 5000 ms");
        }
    }

    @OnEachBackend
    void aQuestionMayFollowOneThatTimedOut(Backend backend) throws Exception {
        ManualClock clock = Clock.manual();
        try (Caller peer = Caller.listening();
                Client<String, String> client = texts(peer, backend)
                        .options(o -> o.answerTimeout(Duration.ofMillis(100)))
                        .loops(On.loops(backend).clock(clock))
                        .start()) {
            CompletionStage<String> lost = client.ask("first");
            peer.receive();
            clock.advance(Duration.ofMillis(200));
            failure(lost);
            CompletionStage<String> answer = client.ask("second");
            peer.receive();
            peer.send("here");
            assertThat(result(answer)).isEqualTo("here");
        }
    }

    @OnEachBackend
    void whatNobodyAskedForIsConsumed(Backend backend) throws Exception {
        BlockingQueue<String> unasked = new LinkedBlockingQueue<>();
        try (Caller peer = Caller.listening();
                Client<String, String> client =
                        texts(peer, backend).consume(unasked::add).start()) {
            assertThat(client.send("subscribe")).isTrue();
            peer.receive();
            peer.send("news").send("more news");
            assertThat(unasked.poll(10, TimeUnit.SECONDS)).isEqualTo("news");
            assertThat(unasked.poll(10, TimeUnit.SECONDS)).isEqualTo("more news");
        }
    }

    @OnEachBackend
    void aQuestionToAClosedPortFailsAtOnceAndTheClientLives(Backend backend) throws Exception {
        Caller peer = Caller.listening();
        try (Client<String, String> client = texts(peer, backend).start()) {
            peer.close();
            assertThat(failure(client.ask("anybody there?")))
                    .isInstanceOf(PortUnreachableException.class)
                    .hasMessageMatching("to 127\\.0\\.0\\.1:\\d+: (Connection refused|PortUnreachableException)");
            assertThat(client.closed().toCompletableFuture()).isNotDone();
        }
    }

    /** Counts the errors that the system reports, and knows the event loop. */
    @Sharable
    private static final class Errors extends ChannelInboundHandlerAdapter {
        private final AtomicInteger seen = new AtomicInteger();
        private volatile EventExecutor loop;

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            loop = ctx.executor();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            seen.incrementAndGet();
            ctx.fireExceptionCaught(cause);
        }
    }

    /** E6: as many errors as questions, however often the loop looks, and two lines in the log at most: of receiving and of sending. */
    @OnEachBackend
    void aPeerThatIsGoneCausesNoMoreErrorsThanQuestions(Backend backend) throws Exception {
        Errors errors = new Errors();
        Counts counts = new Counts();
        Caller peer = Caller.listening();
        try (LogCapture log = LogCapture.of(Endpoint.class);
                Client<String, String> client = texts(peer, backend)
                        .with(counts)
                        .with(Stage.netty(Slot.WIRE, "errors", () -> errors))
                        .start()) {
            peer.close();
            for (int i = 0; i < 100; i++) {
                assertThat(failure(client.ask("anybody there?"))).isInstanceOf(PortUnreachableException.class);
            }
            for (int turn = 0; turn < 500; turn++) {
                errors.loop.submit(() -> {}).await();
            }
            long notSent = counts.dropped().getOrDefault(DropReason.SEND_FAILED, 0L);
            assertThat(errors.seen.get() + notSent).isEqualTo(100);
            assertThat(log.warnings())
                    .filteredOn(line -> line.contains("error on the socket"))
                    .hasSizeLessThanOrEqualTo(1);
            assertThat(log.warnings()).hasSizeBetween(1, 2);
        }
    }

    @OnEachBackend
    void hearsNobodyButItsPeer(Backend backend) throws Exception {
        BlockingQueue<String> unasked = new LinkedBlockingQueue<>();
        try (Caller peer = Caller.listening();
                Caller stranger = Caller.listening();
                Client<String, String> client =
                        texts(peer, backend).consume(unasked::add).start()) {
            stranger.to(client.localAddress()).send("forged");
            peer.to(client.localAddress()).send("real");
            assertThat(unasked.poll(10, TimeUnit.SECONDS)).isEqualTo("real");
        }
    }

    @OnEachBackend
    void emptyDatagramsComeIn(Backend backend) throws Exception {
        try (Caller peer = Caller.listening();
                Client<String, String> client = texts(peer, backend).start()) {
            CompletionStage<String> answer = client.ask("Ada?");
            peer.receive();
            peer.send("");
            assertThat(result(answer)).isEmpty();
        }
    }

    @OnEachBackend
    void anEmptyDatagramGoesOutOrIsCountedAsNotSent(Backend backend) throws Exception {
        Counts counts = new Counts();
        try (Caller peer = Caller.listening();
                Client<String, String> client =
                        texts(peer, backend).with(counts).start()) {
            client.send("");
            if (backend == Backend.NIO) { // The JDK leaves out the system call.
                await().until(() -> Map.of(DropReason.SEND_FAILED, 1L).equals(counts.dropped()));
            } else {
                assertThat(peer.receive()).isEmpty();
            }
        }
    }

    @OnEachBackend
    void closeFailsTheOpenQuestion(Backend backend) throws Exception {
        try (Caller peer = Caller.listening()) {
            Client<String, String> client = texts(peer, backend).start();
            CompletionStage<String> answer = client.ask("Ada?");
            peer.receive();
            client.close();
            assertThat(failure(answer)).isInstanceOf(ClosedChannelException.class);
        }
    }

    @OnEachBackend
    void whatWasSentBeforeCloseLeaves(Backend backend) throws Exception {
        try (Caller peer = Caller.listening()) {
            Client<String, String> client = texts(peer, backend).start();
            client.send("bye");
            client.close();
            assertThat(peer.receive()).isEqualTo("bye");
        }
    }

    @OnEachBackend
    void aClosedClientTakesNothing(Backend backend) throws Exception {
        try (Caller peer = Caller.listening()) {
            Client<String, String> client = texts(peer, backend).start();
            client.close();
            assertThat(result(client.closed())).isEqualTo(CloseReason.APPLICATION);
            assertThat(client.send("too late")).isFalse();
            assertThat(failure(client.ask("too late"))).isInstanceOf(IOException.class);
            client.close();
        }
    }

    @OnEachBackend
    void closeEndsItsThreads(Backend backend) throws Exception {
        try (Caller peer = Caller.listening()) {
            Client<String, String> client = texts(peer, backend)
                    .loops(On.loops(backend).named("closed-" + backend))
                    .start();
            client.close();
            await().until(() -> Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().startsWith("closed-" + backend)));
        }
    }

    @OnEachBackend
    void knowsBothAddresses(Backend backend) throws Exception {
        try (Caller peer = Caller.listening();
                Client<String, String> client = texts(peer, backend).start()) {
            assertThat(client.address()).isEqualTo(peer.address());
            assertThat(client.localAddress().toString())
                    .startsWith("/127.0.0.1:")
                    .doesNotEndWith(":0");
        }
    }

    @OnEachBackend
    void doesNotStartOnItsOwnEventLoop(Backend backend) throws Exception {
        Loops loops = On.loops(backend);
        CompletableFuture<Throwable> refusal = new CompletableFuture<>();
        try (Server server = Udp.listen(0)
                        .loops(loops)
                        .consume(bytes -> {
                            try {
                                Udp.connect("127.0.0.1", 9).loops(loops).start().close();
                                refusal.complete(null);
                            } catch (Throwable expected) {
                                refusal.complete(expected);
                            }
                        })
                        .start();
                Caller caller = Caller.of(server)) {
            caller.send("go");
            assertThat(refusal.get(10, TimeUnit.SECONDS))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("start: called on an event loop (expected: a thread that may wait)");
        }
    }

    @Test
    void allBadSettingsAreReportedTogether() {
        assertThatThrownBy(() -> Udp.connect("127.0.0.1", 0)
                        .options(o -> o.maxDatagramBytes(65_508).answerTimeout(Duration.ofSeconds(-1)))
                        .start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(
                        "port: 0 (expected: 1 to 65535)",
                        "maxDatagramBytes: 65508 (expected: 1 to 65507)",
                        "answerTimeout: PT-1S (expected: > 0, at most 100 years)");
    }

    @Test
    void aHostThatDoesNotResolveIsSaid() {
        assertThatThrownBy(() -> Udp.connect("no such host", 9).start())
                .isInstanceOf(CannotStartException.class)
                .hasMessageStartingWith(
                        "cannot start udp client 'udp-client-no such host:9' to no such host:9: no such host");
    }
}

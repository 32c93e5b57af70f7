package io.headrace.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.spi.ILoggingEvent;
import io.headrace.CannotStartException;
import io.headrace.Codec;
import io.headrace.DrainReport;
import io.headrace.Endpoint;
import io.headrace.Exchange;
import io.headrace.Handler;
import io.headrace.LogCapture;
import io.headrace.LoopSite;
import io.headrace.MessageStage;
import io.headrace.Meter;
import io.headrace.Outcome;
import io.headrace.Plan;
import io.headrace.Server;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.stage.Metrics;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * What every transport does for an application, whatever carries the bytes.
 *
 * <p>A transport gives a plan that listens, a plan that cannot (the address is taken), and a peer without Headrace in it. One {@code say}
 * of a peer is one message to the application, and the other way around: streams stand on a framing for that.
 */
public abstract class TransportContract<C extends Channel> extends ContractTest {
    private static final Duration GRACE = PATIENCE;

    /** An endpoint on a free address. */
    protected abstract Plan<C, ByteBuf, Object> listen() throws Exception;

    /** An endpoint on an address on which a server listens. */
    protected abstract Plan<C, ByteBuf, Object> listenOn(SocketAddress taken);

    /** Someone who has this server's address; closed after the test. */
    protected abstract RawPeer dial(SocketAddress server) throws Exception;

    /** How many messages were malformed, as this transport counts them. */
    protected abstract double malformed();

    private Plan<C, ByteBuf, Object> plan() throws Exception {
        return listen().named("contract").loops(loops).with(Metrics.to(registry));
    }

    private Plan<C, String, String> texts() throws Exception {
        return plan().codec(Codec.utf8());
    }

    private RawPeer dial(Server server) throws Exception {
        return dial(server.address());
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    // ---- messages and answers

    @Test
    void aMessageIsAnswered() throws Exception {
        Server server = start(texts().reply(name -> "Hello, " + name + "!"));

        RawPeer peer = dial(server);
        peer.say("Ada");
        assertThat(peer.hear()).isEqualTo("Hello, Ada!");
        peer.say("Grace");
        assertThat(peer.hear()).isEqualTo("Hello, Grace!");
    }

    @Test
    void aBufferIsEchoedWithoutACopy() throws Exception {
        List<ByteBuf> seen = new CopyOnWriteArrayList<>();
        Server server = start(plan().reply(bytes -> {
            seen.add(bytes);
            return bytes;
        }));

        RawPeer peer = dial(server);
        peer.say("as it is");
        assertThat(peer.hear()).isEqualTo("as it is");
        await().untilAsserted(() -> assertThat(seen.get(0).refCnt()).isZero());
    }

    @Test
    void withoutACodecTextAndByteArraysGoOutToo() throws Exception {
        Server server = start(
                plan().reply(bytes -> bytes.readableBytes() == 4 ? (Object) "text: \u00e4" : utf8("bytes: \u00e4")));

        RawPeer peer = dial(server);
        peer.say("text");
        assertThat(peer.hear()).isEqualTo("text: \u00e4");
        peer.say("bytes");
        assertThat(peer.hear()).isEqualTo("bytes: \u00e4");
    }

    @Test
    void aConsumedMessageHasNoAnswer() throws Exception {
        List<String> consumed = new CopyOnWriteArrayList<>();
        Server server = start(texts().handle((message, exchange) -> {
            if (message.equals("what was that?")) {
                exchange.reply(consumed.toString());
            } else {
                consumed.add(message);
                exchange.consume();
            }
        }));

        RawPeer peer = dial(server);
        peer.say("one");
        peer.say("two");
        peer.say("what was that?");
        assertThat(peer.hear()).isEqualTo("[one, two]");
        await().untilAsserted(() -> assertThat(ended(Outcome.CONSUMED)).isEqualTo(2));
        assertThat(ended(Outcome.REPLIED)).isEqualTo(1);
    }

    @Test
    void anAnswerMayComeLaterFromAnotherThread() throws Exception {
        Server server = start(plan().replyAsync(bytes ->
                CompletableFuture.supplyAsync(() -> "late " + bytes.toString(StandardCharsets.UTF_8))));

        RawPeer peer = dial(server);
        peer.say("one");
        assertThat(peer.hear()).isEqualTo("late one");
    }

    @Test
    void aPeerCanBeSentMoreThanAnswers() throws Exception {
        Server server = start(texts().handle((message, exchange) -> {
            exchange.peer().send("before");
            exchange.reply(message);
            exchange.peer().send("after");
        }));

        RawPeer peer = dial(server);
        peer.say("answer");
        assertThat(List.of(peer.hear(), peer.hear(), peer.hear()))
                .containsExactlyInAnyOrder("before", "answer", "after");
    }

    @Test
    void anExchangeEndsOnce() throws Exception {
        List<Boolean> ends = new CopyOnWriteArrayList<>();
        Server server = start(texts().handle((message, exchange) -> {
            ends.add(exchange.reply("first"));
            ends.add(exchange.reply("second"));
            ends.add(exchange.consume());
            ends.add(exchange.fail(new IllegalStateException("third")));
        }));

        RawPeer peer = dial(server);
        peer.say("x");
        assertThat(peer.hear()).isEqualTo("first");
        peer.say("x");
        assertThat(peer.hear()).isEqualTo("first");
        assertThat(ends).containsExactly(true, false, false, false, true, false, false, false);
        assertThat(ended(Outcome.REPLIED)).isEqualTo(2);
    }

    // ---- trouble

    @Test
    void otherwiseAnswersWhatFails() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            Server server = start(texts().otherwise((message, outcome) -> outcome.tag() + ": " + message)
                    .reply(message -> {
                        throw new IllegalStateException("thrown on purpose");
                    }));

            RawPeer peer = dial(server);
            peer.say("x");
            assertThat(peer.hear()).isEqualTo("failed: x");
            peer.say("y");
            assertThat(peer.hear()).isEqualTo("failed: y");
            assertThat(ended(Outcome.FAILED)).isEqualTo(2);
            assertThat(log.warnings()).hasSize(1); // One line for a reason in ten seconds.
        }
    }

    @Test
    void aThrowingHandlerCostsOnlyItsOwnExchange() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            Server server = start(texts().reply(message -> {
                if (message.equals("boom")) {
                    throw new IllegalStateException("thrown on purpose");
                }
                return message;
            }));

            RawPeer bystander = dial(server);
            bystander.say("before");
            assertThat(bystander.hear()).isEqualTo("before");
            dial(server).say("boom");
            await().untilAsserted(() -> assertThat(ended(Outcome.FAILED)).isEqualTo(1));
            bystander.say("after");
            assertThat(bystander.hear()).isEqualTo("after");
            RawPeer next = dial(server);
            next.say("next");
            assertThat(next.hear()).isEqualTo("next");

            assertThat(ended(Outcome.FAILED)).isEqualTo(1);
            assertThat(ended(Outcome.REPLIED)).isEqualTo(3);
            assertThat(total(Meter.EXCHANGES_OPEN)).isZero();
            await().untilAsserted(() -> assertThat(log.events())
                    .filteredOn(TransportContract::thrownOnPurpose)
                    .hasSize(1));
        }
    }

    private static boolean thrownOnPurpose(ILoggingEvent event) {
        return event.getThrowableProxy() != null
                && "thrown on purpose".equals(event.getThrowableProxy().getMessage());
    }

    @Test
    void anAnswerThatCannotBeEncodedIsAFailedExchange() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            Server server =
                    start(plan().otherwise((message, outcome) -> outcome.tag()).reply(bytes -> 42));

            RawPeer peer = dial(server);
            peer.say("x");
            assertThat(peer.hear()).isEqualTo("failed");
            assertThat(log.events().get(0).getThrowableProxy().getMessage())
                    .isEqualTo("message: java.lang.Integer (expected: a buffer, a byte[] or text; add a codec)");
        }
    }

    @Test
    void aMalformedMessageCostsOnlyItsPeer() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            List<String> handled = new CopyOnWriteArrayList<>();
            Server server = start(texts().reply(message -> {
                handled.add(message);
                return message;
            }));

            RawPeer bystander = dial(server);
            bystander.say("before");
            assertThat(bystander.hear()).isEqualTo("before");
            RawPeer nuisance = dial(server);
            nuisance.say(new byte[] {(byte) 0xC3, 0x28});
            nuisance.close();
            await().untilAsserted(() -> assertThat(malformed()).isEqualTo(1));
            bystander.say("after");
            assertThat(bystander.hear()).isEqualTo("after");

            assertThat(handled).containsExactly("before", "after");
            assertThat(log.events())
                    .allSatisfy(event -> assertThat(event.getThrowableProxy()).isNull());
        }
    }

    // ---- references

    @Test
    void aMessageIsReleasedOnceHoweverItsExchangeEnds() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            List<Parcel> messages = new CopyOnWriteArrayList<>();
            List<Parcel> answers = new CopyOnWriteArrayList<>();
            Function<Parcel, Parcel> answer = message -> {
                Parcel made = new Parcel("answer to " + message.text);
                answers.add(made);
                return made;
            };
            Server server = start(plan().codec(Parcel.codec())
                    .otherwise((message, outcome) ->
                            message.text.equals("itself otherwise") ? message : answer.apply(message))
                    .handle((message, exchange) -> {
                        messages.add(message);
                        endAsToldBy(message, exchange, answer);
                    }));

            RawPeer peer = dial(server);
            List<String> ways = List.of(
                    "itself", "another", "fail", "throw", "refuse", "late", "push itself", "itself otherwise", "twice");
            for (String way : ways) {
                peer.say(way);
                assertThat(peer.hear()).as(way).isIn(way, "answer to " + way);
            }
            peer.say("consume");
            peer.say("itself");
            assertThat(peer.hear()).isEqualTo("itself");

            await().untilAsserted(() -> assertThat(messages)
                    .allSatisfy(message ->
                            assertThat(message.refCnt()).as(message.text).isZero()));
            assertThat(messages).hasSize(ways.size() + 2);
            assertThat(answers)
                    .allSatisfy(made -> assertThat(made.refCnt()).as(made.text).isZero());
            assertThat(log.events())
                    .filteredOn(event -> event.getThrowableProxy() != null)
                    .allSatisfy(event ->
                            assertThat(event.getThrowableProxy().getMessage()).isEqualTo("thrown on purpose"));
        }
    }

    private static void endAsToldBy(Parcel message, Exchange<Parcel> exchange, Function<Parcel, Parcel> answer) {
        switch (message.text) {
            case "itself" -> exchange.reply(message);
            case "another" -> exchange.reply(answer.apply(message));
            case "twice" -> {
                exchange.reply(answer.apply(message));
                exchange.reply(answer.apply(message)); // Too late, and released all the same.
            }
            case "consume" -> exchange.consume();
            case "refuse" -> exchange.refuse();
            case "late" -> CompletableFuture.runAsync(() -> exchange.reply(answer.apply(message)));
            case "push itself" -> {
                exchange.peer().send(message);
                exchange.consume();
            }
            case "fail", "itself otherwise" -> exchange.fail(new IllegalStateException("thrown on purpose"));
            default -> throw new IllegalStateException("thrown on purpose");
        }
    }

    @Test
    void aBufferStaysReadableUntilItsExchangeEnds() throws Exception {
        CompletableFuture<Exchange<?>> held = new CompletableFuture<>();
        CompletableFuture<ByteBuf> buffer = new CompletableFuture<>();
        Server server = start(plan().handle((bytes, exchange) -> {
            buffer.complete(bytes);
            held.complete(exchange);
        }));

        RawPeer peer = dial(server);
        peer.say("still here");
        ByteBuf bytes = buffer.get(10, TimeUnit.SECONDS);
        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("still here");
        held.get(10, TimeUnit.SECONDS).consume();
        await().untilAsserted(() -> assertThat(bytes.refCnt()).isZero());
    }

    @Test
    void aMessageThatIsOpenWhenTheServerStopsIsReleased() throws Exception {
        CompletableFuture<Parcel> message = new CompletableFuture<>();
        CompletableFuture<Exchange<Parcel>> held = new CompletableFuture<>();
        Server server = start(plan().codec(Parcel.codec()).handle((parcel, exchange) -> {
            held.complete(exchange);
            message.complete(parcel);
        }));

        dial(server).say("open");
        Parcel parcel = message.get(10, TimeUnit.SECONDS);
        server.stop(Duration.ZERO).get(10, TimeUnit.SECONDS);

        assertThat(parcel.refCnt()).isZero();
        assertThat(held.get().outcome()).isEqualTo(Outcome.ABANDONED);
        Parcel late = new Parcel("late");
        assertThat(held.get().reply(late)).isFalse();
        assertThat(late.refCnt()).isZero();
    }

    // ---- stages

    @Test
    void aMessageStageMayRefuse() throws Exception {
        Server server = start(texts().with(new RefuseEverySecond())
                .otherwise((message, outcome) -> outcome.tag())
                .reply(message -> message));

        RawPeer peer = dial(server);
        peer.say("1");
        assertThat(peer.hear()).isEqualTo("1");
        peer.say("2");
        assertThat(peer.hear()).isEqualTo("refused");
        assertThat(ended(Outcome.REFUSED)).isEqualTo(1);
    }

    private record RefuseEverySecond() implements MessageStage {
        @Override
        public Slot slot() {
            return Slot.LIMIT;
        }

        @Override
        public PerLoop open(Site site) {
            AtomicInteger count = new AtomicInteger();
            return (next, loop) -> around(next, loop, count);
        }

        private static Handler<Object, Object> around(
                Handler<Object, Object> next, LoopSite loop, AtomicInteger count) {
            return (message, exchange) -> {
                if (count.incrementAndGet() % 2 == 0) {
                    exchange.refuse();
                } else {
                    next.handle(message, exchange);
                }
            };
        }
    }

    @Test
    void bytesAndExchangesAreMeasured() throws Exception {
        Server server = start(texts().reply(message -> message + message));

        RawPeer peer = dial(server);
        for (int i = 0; i < 10; i++) {
            peer.say("12345");
            assertThat(peer.hear()).isEqualTo("1234512345");
        }

        assertThat(ended(Outcome.REPLIED)).isEqualTo(10);
        assertThat(total(Meter.EXCHANGES_OPEN)).isZero();
        double framing = total(Meter.DATA_RECEIVED) / 10 - 5; // What the transport puts around a message.
        assertThat(framing).isBetween(0.0, 4.0);
        clock.advance(Duration.ofSeconds(1)); // What has left without telling is found by the sweep.
        assertThat(total(Meter.DATA_SENT)).isEqualTo(10 * (10 + framing));
        server.stop(Duration.ZERO).get(10, TimeUnit.SECONDS);
        assertThat(registry.getMeters()).isEmpty();
    }

    // ---- addresses

    @Test
    void theServerKnowsWhereItListensAndWhoSpeaks() throws Exception {
        List<SocketAddress> speakers = new CopyOnWriteArrayList<>();
        Server server = start(texts().handle((message, exchange) -> {
            speakers.add(exchange.peer().address());
            exchange.reply("heard");
        }));

        assertThat(server.addresses()).containsExactly(server.address());
        assertThat(server.addresses("contract")).containsExactly(server.address());
        RawPeer peer = dial(server);
        peer.say("x");
        peer.hear();
        assertThat(speakers).containsExactly(peer.address());
    }

    // ---- starting

    @Test
    void aTakenAddressIsSaidInOneLine() throws Exception {
        Server first = start(plan().reply(bytes -> bytes));
        Plan<C, ByteBuf, Object> second =
                listenOn(first.address()).named("second").loops(loops);

        assertThatThrownBy(() -> start(second.reply(bytes -> bytes)))
                .isInstanceOf(CannotStartException.class)
                .hasMessage("cannot start " + second.transport().name() + " endpoint 'second' on "
                        + second.transport().address() + ": Address already in use");
        RawPeer peer = dial(first);
        peer.say("still served");
        assertThat(peer.hear()).isEqualTo("still served");
    }

    @Test
    void endpointsStartAllOrNone() throws Exception {
        Server running = start(plan().reply(bytes -> bytes));
        Plan<C, ByteBuf, Object> good = listen().named("good").loops(loops.threads(3));
        Plan<C, ByteBuf, Object> goodToo = listen().named("good too").loops(loops);
        Plan<C, ByteBuf, Object> bad = listenOn(running.address()).named("bad").loops(loops);
        List<String> descriptors = Descriptors.open();
        List<String> threads = liveThreads();

        assertThatThrownBy(() ->
                        start(good.reply(bytes -> bytes), goodToo.reply(bytes -> bytes), bad.reply(bytes -> bytes)))
                .isInstanceOf(CannotStartException.class)
                .hasMessageContaining("'bad'");

        await().untilAsserted(() -> assertThat(Descriptors.open()).isEqualTo(descriptors));
        await().untilAsserted(() -> assertThat(liveThreads()).hasSameElementsAs(threads));
        assertThat(running.state()).isEqualTo(Server.State.RUNNING);
    }

    @Test
    void badSettingsAreReportedTogetherBeforeASocketOpens() throws Exception {
        Endpoint one = listen().named(" ").loops(loops.threads(0)).reply(bytes -> bytes);
        Endpoint two = listen().named("two")
                .loops(loops.reportBlockedAfter(Duration.ZERO))
                .reply(bytes -> bytes);
        List<String> before = Descriptors.open();

        assertThatThrownBy(() -> Server.start(one, two))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("name:   (expected: not blank)")
                .hasMessageContaining("loops.threads: 0 (expected: 1 to 1024)")
                .hasMessageContaining("loops.reportBlockedAfter: PT0S (expected: > 0");

        assertThat(Descriptors.open()).isEqualTo(before);
        assertThat(liveThreads()).isEmpty();
    }

    @Test
    void aServerStartsOnce() throws Exception {
        Server server = start(plan().reply(bytes -> bytes));

        assertThatThrownBy(server::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("server: RUNNING (expected: NEW)");
    }

    // ---- stopping

    @Test
    void stopFromInsideAHandlerLetsItsExchangeEnd() throws Exception {
        CompletableFuture<Server> self = new CompletableFuture<>();
        CompletableFuture<CompletableFuture<DrainReport>> stopping = new CompletableFuture<>();
        Server server = start(texts().handle((message, exchange) -> {
            stopping.complete(self.get().stop(GRACE));
            self.get().close(); // Would wait, but not on a loop of the server's own.
            exchange.reply("bye");
        }));
        self.complete(server);

        RawPeer peer = dial(server);
        peer.say("stop");
        assertThat(peer.hear()).isEqualTo("bye");
        peer.close();

        assertThat(stopping.get().get(10, TimeUnit.SECONDS).forced()).isZero();
        assertThat(server.state()).isEqualTo(Server.State.STOPPED);
    }

    @Test
    void stopFromFourThreadsIsOneStop() throws Exception {
        Server server = start(plan().reply(bytes -> bytes));
        CountDownLatch together = new CountDownLatch(4);
        List<DrainReport> reports = new CopyOnWriteArrayList<>();
        List<Thread> stoppers = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread stopper = new Thread(() -> {
                together.countDown();
                reports.add(server.stop(GRACE).join());
            });
            stoppers.add(stopper);
            stopper.start();
        }
        for (Thread stopper : stoppers) {
            stopper.join(PATIENCE.toMillis());
        }

        assertThat(reports).hasSize(4).containsOnly(reports.get(0));
        assertThat(server.stop().get(10, TimeUnit.SECONDS)).isEqualTo(reports.get(0));
        assertThat(server.state()).isEqualTo(Server.State.STOPPED);
    }

    @Test
    void stopWhileItStartsEndsStopped() throws Exception {
        for (int i = 0; i < 10; i++) {
            Server server =
                    closing(Server.of(listen().named("contract").loops(loops).reply(bytes -> bytes)));
            CompletableFuture<Void> starting = CompletableFuture.runAsync(server::start);
            DrainReport report = server.stop(GRACE).get(10, TimeUnit.SECONDS);

            // Either it had not begun to start, and never will, or it started and stopped.
            assertThat(starting.handle((done, failure) ->
                                    failure == null || failure.getCause() instanceof IllegalStateException)
                            .get(10, TimeUnit.SECONDS))
                    .isTrue();
            assertThat(report.forced()).isZero();
            assertThat(server.state()).isEqualTo(Server.State.STOPPED);
        }
    }

    @Test
    void startedAndStoppedAgainAndAgainLeavesNothing() throws Exception {
        for (int i = 0; i < 5; i++) {
            Server server = start(texts().reply(message -> message));
            RawPeer peer = dial(server);
            peer.say("x");
            assertThat(peer.hear()).isEqualTo("x");
            peer.close();
            server.stop(GRACE).get(10, TimeUnit.SECONDS);
            await().untilAsserted(() -> assertThat(liveThreads()).isEmpty());
        }
    }
}

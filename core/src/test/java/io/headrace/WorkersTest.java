package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.condition.JRE.JAVA_17;
import static org.junit.jupiter.api.condition.JRE.JAVA_20;
import static org.junit.jupiter.api.condition.JRE.JAVA_21;

import io.headrace.stage.Deadline;
import io.headrace.stage.InFlightLimit;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;

class WorkersTest {
    private final TestGate gate = new TestGate();
    private final List<Object> seen = new CopyOnWriteArrayList<>();
    private final List<TestEndpoint> endpoints = new ArrayList<>();

    @AfterEach
    void stop() {
        gate.open();
        endpoints.forEach(TestEndpoint::close);
    }

    private TestEndpoint serve(Application<Object, Object> application, Workers workers) {
        TestEndpoint endpoint = TestEndpoint.of(application, workers);
        endpoints.add(endpoint);
        return endpoint;
    }

    private TestEndpoint handle(Workers workers, Handler<Object, Object> handler) {
        return serve(Application.of(handler), workers);
    }

    /** Answers each message, those that are called "slow" when the gate opens. */
    private TestEndpoint echo(Workers workers) {
        return handle(workers, (message, exchange) -> {
            seen.add(message);
            if (message.equals("slow")) {
                gate.await();
            }
            exchange.reply(message);
        });
    }

    private Thread threadOf(Workers workers) {
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        TestEndpoint endpoint = handle(workers, (message, exchange) -> {
            thread.complete(Thread.currentThread());
            exchange.consume();
        });
        endpoint.line().receive("m");
        return thread.orTimeout(10, TimeUnit.SECONDS).join();
    }

    // ---- threads

    @Test
    void handlersRunOnThreadsThatBearTheEndpointsName() {
        assertThat(threadOf(Workers.perMessage()).getName()).startsWith("test-worker");
    }

    @Test
    void threadsKeepNoProcessAlive() {
        assertThat(threadOf(Workers.perConnection()).isDaemon()).isTrue();
    }

    @Test
    @EnabledForJreRange(min = JAVA_21)
    void threadsAreVirtualWhereTheRuntimeHasThem() {
        assertThat(threadOf(Workers.perMessage()).getClass().getSimpleName()).contains("Virtual");
    }

    @Test
    @EnabledForJreRange(min = JAVA_17, max = JAVA_20)
    void threadsAreNumberedWhereTheyArePooled() {
        assertThat(threadOf(Workers.perMessage()).getName()).isEqualTo("test-worker-1");
    }

    @Test
    @EnabledForJreRange(min = JAVA_17, max = JAVA_20)
    void aThreadOfAPoolThatIsDoneTakesTheNextMessage() {
        List<Thread> threads = new CopyOnWriteArrayList<>();
        TestEndpoint endpoint = handle(Workers.perMessage().atMost(1), (message, exchange) -> {
            threads.add(Thread.currentThread());
            exchange.consume();
        });
        TestEndpoint.Line line = endpoint.line();
        line.receive("1", "2", "3");
        await().until(() -> threads.size() == 3);
        assertThat(threads).containsOnly(threads.get(0));
    }

    @Test
    void whoNamesTheSameWorkersSharesTheirBounds() {
        Workers shared = Workers.perMessage().atMost(1).queue(0);
        TestEndpoint one = echo(shared);
        TestEndpoint other = echo(shared);
        one.line().receive("slow");
        TestEndpoint.Line refused = other.line();
        refused.receive("quick");
        assertThat(refused.unanswered()).containsExactly(Outcome.REFUSED);
    }

    @Test
    void workersServeTheirOtherUserWhenOneStops() {
        Workers shared = Workers.perMessage();
        TestEndpoint one = echo(shared);
        TestEndpoint.Line left = echo(shared).line();
        one.close();
        left.receive("quick");
        await().until(() -> left.sent.equals(List.of("quick")));
    }

    @Test
    void workersStartAgainAfterTheirLastUser() {
        Workers workers = Workers.perMessage();
        TestEndpoint first = echo(workers);
        first.close();
        TestEndpoint.Line line = echo(workers).line();
        line.receive("quick");
        await().until(() -> line.sent.equals(List.of("quick")));
    }

    @Test
    void aHandlerThatRunsWhenItsEndpointStopsRunsToItsEnd() {
        AtomicInteger done = new AtomicInteger();
        TestEndpoint endpoint = handle(Workers.perMessage(), (message, exchange) -> {
            seen.add(message);
            gate.await();
            done.incrementAndGet();
        });
        TestEndpoint.Line line = endpoint.line();
        line.receive("m");
        await().until(() -> !seen.isEmpty());
        line.end();
        endpoint.close();
        gate.open();
        await().until(() -> done.get() == 1);
    }

    // ---- order

    @Test
    void repliesLeaveInArrivalOrder() {
        TestEndpoint.Line line = echo(Workers.perMessage()).line();
        line.receive("slow", "quick", "last");
        await().until(() -> seen.size() == 3);
        assertThat(line.sent).isEmpty();
        gate.open();
        await().untilAsserted(() -> assertThat(line.sent).containsExactly("slow", "quick", "last"));
    }

    @Test
    void messagesOfOneConnectionAreHandledOneAfterAnother() {
        List<Object> messages = new ArrayList<>(IntStream.range(0, 100).boxed().toList());
        AtomicInteger atOnce = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        TestEndpoint endpoint = handle(Workers.perConnection(), (message, exchange) -> {
            most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
            seen.add(message);
            atOnce.decrementAndGet();
            exchange.reply(message);
        });
        TestEndpoint.Line line = endpoint.line();
        line.receive(messages.toArray());
        await().until(() -> line.sent.size() == 100);
        assertThat(seen).isEqualTo(messages);
        assertThat(most).hasValue(1);
    }

    @Test
    void oneConnectionDoesNotWaitForAnother() {
        TestEndpoint endpoint = echo(Workers.perConnection());
        TestEndpoint.Line slow = endpoint.line();
        TestEndpoint.Line quick = endpoint.line();
        slow.receive("slow", "behind");
        quick.receive("quick");
        await().until(() -> quick.sent.equals(List.of("quick")));
        assertThat(seen).doesNotContain("behind");
    }

    @Test
    void aBusyConnectionLetsOthersHaveTheirTurn() {
        TestEndpoint endpoint = echo(Workers.perConnection().atMost(1));
        TestEndpoint.Line busy = endpoint.line();
        TestEndpoint.Line other = endpoint.line();
        busy.receive("slow");
        busy.receive(IntStream.range(0, 100).boxed().toArray());
        other.receive("other");
        gate.open();
        await().until(() -> seen.size() == 102);
        assertThat(seen.indexOf("other")).isLessThan(20);
    }

    // ---- bounds

    @Test
    void withoutAWordThereAreAsManyAsTheManualSays() {
        assertThat(Workers.VIRTUAL_THREADS).isEqualTo(10_000);
        assertThat(Workers.PLATFORM_THREADS).isEqualTo(256);
        assertThat(Workers.QUEUE).isEqualTo(1_024);
    }

    @Test
    void moreThanThreadsAndQueueHoldAreRefused() {
        TestEndpoint.Line line = echo(Workers.perMessage().atMost(2).queue(3)).line();
        line.receive("slow", "slow", "slow", "slow", "slow", "over", "over");
        await().until(() -> seen.size() == 2);
        gate.open();
        await().until(() -> line.settled() == 7);
        assertThat(line.sent).hasSize(5);
        assertThat(line.unanswered()).containsExactly(Outcome.REFUSED, Outcome.REFUSED);
        assertThat(seen).doesNotContain("over");
    }

    @Test
    void whoIsDoneMakesRoomForTheNext() {
        TestEndpoint.Line line = echo(Workers.perMessage().atMost(1).queue(0)).line();
        for (int i = 1; i <= 3; i++) {
            int answered = i;
            await().until(() -> {
                line.receive("quick");
                return line.sent.size() >= answered;
            });
        }
        assertThat(line.sent).containsOnly("quick");
    }

    @Test
    void aQueueOfMessagesCountsThoseOfAllConnections() {
        TestEndpoint endpoint = echo(Workers.perConnection().atMost(1).queue(2));
        endpoint.line().receive("slow", "slow", "slow");
        TestEndpoint.Line other = endpoint.line();
        other.receive("over");
        assertThat(other.unanswered()).containsExactly(Outcome.REFUSED);
    }

    @Test
    void patientWorkersRefuseNothing() {
        TestEndpoint.Line line = echo(Workers.perMessage().atMost(1).patient()).line();
        line.receive(IntStream.range(0, 3_000).mapToObj(i -> "slow").toArray());
        gate.open();
        await().until(() -> line.settled() == 3_000);
        assertThat(line.sent).hasSize(3_000);
    }

    // ---- buffers

    private static String text(Object message) {
        return ((ByteBuf) message).toString(StandardCharsets.UTF_8);
    }

    @Test
    void theMessageItselfMayBeTheReply() {
        TestEndpoint.Line line =
                serve(Adapters.reply(message -> message), Workers.perMessage()).line();
        ByteBuf message = Buffers.of("a");
        line.receive(message);
        await().until(() -> message.refCnt() == 0);
        assertThat(line.sent).containsExactly("a");
    }

    @Test
    void theMessageItselfMayBeSentToItsPeer() {
        TestEndpoint.Line line = handle(Workers.perMessage(), (message, exchange) -> {
                    exchange.peer().send(message);
                    exchange.consume();
                })
                .line();
        ByteBuf message = Buffers.of("a");
        line.receive(message);
        await().until(() -> message.refCnt() == 0);
        assertThat(line.connection.sent).containsExactly("a");
    }

    @Test
    void theMessageItselfMayBeSentToAnotherPeer() {
        CompletableFuture<Peer<Object>> other = new CompletableFuture<>();
        TestEndpoint endpoint = handle(Workers.perConnection(), (message, exchange) -> {
            other.join().send(message);
            exchange.consume();
        });
        TestEndpoint.Line listener = endpoint.line();
        other.complete(listener.connection);
        ByteBuf message = Buffers.of("a");
        endpoint.line().receive(message);
        await().until(() -> message.refCnt() == 0);
        assertThat(listener.connection.sent).containsExactly("a");
    }

    @Test
    void theMessageMayBeSentAfterItsExchangeHasEnded() {
        TestEndpoint.Line line = handle(Workers.perMessage(), (message, exchange) -> {
                    seen.add("running");
                    gate.await();
                    exchange.peer().send(message);
                    seen.add("sent");
                })
                .line();
        ByteBuf message = Buffers.of("a");
        line.receive(message);
        await().until(() -> seen.contains("running"));
        line.run(exchanges -> exchanges.abandon());
        gate.open();
        await().until(() -> seen.contains("sent"));
        await().until(() -> message.refCnt() == 0);
        assertThat(line.connection.sent).containsExactly("a");
    }

    @Test
    void theMessageStaysReadableWhenItsConnectionEndsFirst() {
        CompletableFuture<String> read = new CompletableFuture<>();
        TestEndpoint.Line line = handle(Workers.perMessage(), (message, exchange) -> {
                    seen.add("running");
                    gate.await();
                    read.complete(text(message));
                })
                .line();
        ByteBuf message = Buffers.of("a");
        line.receive(message);
        await().until(() -> seen.contains("running"));
        line.end();
        gate.open();
        assertThat(read.orTimeout(10, TimeUnit.SECONDS).join()).isEqualTo("a");
        await().until(() -> message.refCnt() == 0);
    }

    @Test
    void aRefusedMessageIsReleased() {
        TestEndpoint.Line line = handle(Workers.perMessage().atMost(1).queue(0), (message, exchange) -> {
                    gate.await();
                    exchange.consume();
                })
                .line();
        ByteBuf message = Buffers.of("over");
        line.receive("first", message);
        gate.open();
        await().until(() -> message.refCnt() == 0);
        assertThat(line.unanswered()).containsExactly(Outcome.REFUSED);
    }

    @Test
    void whatAHandlerReleasesOnceTooOftenIsReportedAndTheConnectionGoesOn() {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            TestEndpoint.Line line = handle(Workers.perConnection(), (message, exchange) -> {
                        if (message instanceof ByteBuf bytes) {
                            exchange.consume();
                            await().until(() -> bytes.refCnt() == 1);
                            bytes.release();
                        } else {
                            exchange.reply(message);
                        }
                    })
                    .line();
            line.receive(Buffers.of("a"), "b");
            await().until(() -> line.sent.equals(List.of("b")));
            assertThat(log.warnings()).hasSize(1);
        }
    }

    // ---- ends

    @Test
    void aThrowingHandlerFailsItsExchangeOnly() {
        TestEndpoint.Line line = handle(Workers.perMessage(), (message, exchange) -> {
                    if (message.equals("bad")) {
                        throw new IllegalStateException("on purpose");
                    }
                    exchange.reply(message);
                })
                .line();
        line.receive("bad", "good");
        await().until(() -> line.sent.equals(List.of("good")));
        assertThat(line.unanswered()).containsExactly(Outcome.FAILED);
    }

    @Test
    void aHandlerThatFailsAfterItsExchangeHasEndedIsReported() {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            TestEndpoint.Line line = handle(Workers.perMessage(), (message, exchange) -> {
                        exchange.reply(message);
                        throw new IllegalStateException("on purpose");
                    })
                    .line();
            line.receive("m");
            await().until(() -> !log.warnings().isEmpty());
            assertThat(log.warnings().get(0)).contains("fault", "after the exchange had ended");
        }
    }

    @Test
    void whatEndsWhileItWaitsIsNeverHandled() {
        TestEndpoint endpoint = echo(Workers.perMessage().atMost(1));
        TestEndpoint.Line busy = endpoint.line();
        TestEndpoint.Line gone = endpoint.line();
        busy.receive("slow");
        ByteBuf message = Buffers.of("waits");
        gone.receive(message);
        gone.end();
        busy.receive("next");
        gate.open();
        await().until(() -> busy.sent.size() == 2);
        assertThat(seen).containsExactly("slow", "next");
        assertThat(message.refCnt()).isZero();
    }

    @Test
    void interruptingWorkersInterruptAHandlerThatIsLeftAlone() {
        CompletableFuture<Throwable> met = new CompletableFuture<>();
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            TestEndpoint.Line line = handle(Workers.perMessage().interrupting(), (message, exchange) -> {
                        seen.add(message);
                        try {
                            gate.await();
                        } catch (InterruptedException interrupted) {
                            met.complete(interrupted);
                            throw interrupted;
                        }
                    })
                    .line();
            line.receive("m");
            await().until(() -> !seen.isEmpty());
            line.end();
            assertThat(met.orTimeout(10, TimeUnit.SECONDS).join()).isInstanceOf(InterruptedException.class);
            assertThat(log.warnings()).isEmpty();
        }
    }

    @Test
    void anInterruptNeverReachesTheNextMessage() {
        List<Boolean> interrupted = new CopyOnWriteArrayList<>();
        TestEndpoint endpoint = handle(Workers.perMessage().atMost(1).interrupting(), (message, exchange) -> {
            interrupted.add(Thread.currentThread().isInterrupted());
            if (message.equals("slow")) {
                gate.await();
            }
            exchange.consume();
        });
        TestEndpoint.Line gone = endpoint.line();
        gone.receive("slow");
        await().until(() -> interrupted.size() == 1);
        TestEndpoint.Line next = endpoint.line();
        next.receive("quick");
        gone.end();
        await().until(() -> next.settled() == 1);
        assertThat(interrupted).containsExactly(false, false);
    }

    // ---- an executor of one's own

    @Test
    void anExecutorOfOnesOwnRunsTheHandlers() {
        Workers workers = Workers.of(task -> Loops.thread("mine", task).start());
        assertThat(threadOf(workers).getName()).isEqualTo("mine");
    }

    @Test
    void whatAnExecutorRejectsIsRefused() {
        TestEndpoint.Line line = echo(Workers.perConnection().on(task -> {
                    throw new RejectedExecutionException("full");
                }))
                .line();
        ByteBuf message = Buffers.of("over");
        line.receive(message, "over");
        assertThat(line.unanswered()).containsExactly(Outcome.REFUSED, Outcome.REFUSED);
        assertThat(message.refCnt()).isZero();
    }

    @Test
    void anExecutorThatFailsOnceHoldsUpNothingBehind() {
        AtomicInteger tasks = new AtomicInteger();
        TestEndpoint.Line line = echo(Workers.perConnection().on(task -> {
                    if (tasks.getAndIncrement() == 0) {
                        throw new IllegalStateException("a bug");
                    }
                    task.run();
                }))
                .line();
        ByteBuf message = Buffers.of("lost");
        line.receive(message, "next");
        assertThat(line.unanswered()).containsExactly(Outcome.REFUSED);
        assertThat(line.sent).containsExactly("next");
        assertThat(message.refCnt()).isZero();
    }

    @Test
    void anExecutorMayRunAHandlerAtOnce() {
        TestEndpoint.Line line = echo(Workers.perConnection().on(Runnable::run)).line();
        line.receive("a", "b");
        assertThat(line.sent).containsExactly("a", "b");
    }

    // ---- every way to write a handler

    @Test
    void asynchronousAnswersBeginOnAWorker() {
        CompletableFuture<String> thread = new CompletableFuture<>();
        TestEndpoint.Line line = serve(
                        Adapters.replyAsync(message -> {
                            thread.complete(Thread.currentThread().getName());
                            return CompletableFuture.completedFuture(message);
                        }),
                        Workers.perMessage())
                .line();
        ByteBuf message = Buffers.of("a");
        line.receive(message);
        await().until(() -> message.refCnt() == 0);
        assertThat(line.sent).containsExactly("a");
        assertThat(thread.orTimeout(10, TimeUnit.SECONDS).join()).startsWith("test-worker");
    }

    @Test
    void messagesAreConsumedOnAWorker() {
        TestEndpoint.Line line = serve(
                        Adapters.consume(
                                message -> seen.add(Thread.currentThread().getName())),
                        Workers.perMessage())
                .line();
        line.receive("m");
        await().until(() -> line.settled() == 1);
        assertThat((String) seen.get(0)).startsWith("test-worker");
    }

    // ---- settings

    private static List<String> problems(MessageStage stage) {
        Problems problems = new Problems("test");
        stage.check(problems);
        return problems.lines();
    }

    @Test
    void badSettingsAreReportedByName() {
        assertThat(problems(Workers.perMessage().atMost(0).queue(-2)))
                .containsExactly("Workers.atMost: 0 (expected: >= 1)", "Workers.queue: -2 (expected: >= 0)");
        assertThat(problems(Workers.of(Runnable::run).atMost(3).queue(3)))
                .containsExactly(
                        "Workers.atMost: 3 (expected: none, with an executor of your own)",
                        "Workers.queue: 3 (expected: none, with an executor of your own)");
        assertThat(problems(Workers.perConnection().atMost(1).queue(0))).isEmpty();
        assertThat(problems(InFlightLimit.of(0).perConnection(0)))
                .containsExactly(
                        "InFlightLimit: 0 (expected: >= 1)", "InFlightLimit.perConnection: 0 (expected: >= 1)");
        assertThat(problems(Deadline.of(Duration.ZERO)))
                .containsExactly("Deadline: PT0S (expected: > 0, at most 100 years)");
    }

    @Test
    void theLineShowsWhatIsSet() {
        assertThat(Workers.perMessage()).hasToString("Workers per message");
        assertThat(Workers.perConnection().atMost(8).queue(100).interrupting())
                .hasToString("Workers per connection, at most 8, queue 100, interrupting");
        assertThat(Workers.of(Runnable::run).patient()).hasToString("Workers per message on an executor, patient");
        assertThat(InFlightLimit.of(9).perConnection(2)).hasToString("InFlightLimit 9, per connection 2");
        assertThat(Deadline.of(Duration.ofSeconds(2))).hasToString("Deadline 2s");
    }
}

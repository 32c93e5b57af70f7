package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.stage.Deadline;
import io.headrace.stage.InFlightLimit;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Threads that meet: each test is bounded in number, and holds identities rather than times. */
class ExchangeRacesTest {

    /** Counts how exchanges end. One loop only. */
    private static final class Ends implements MessageStage, EndListener {
        private final Map<Outcome, Integer> ends = new EnumMap<>(Outcome.class);

        @Override
        public Slot slot() {
            return Slot.MEASURE;
        }

        @Override
        public PerLoop open(Site site) {
            return (next, loop) -> (message, exchange) -> {
                exchange.onEnd(this);
                next.handle(message, exchange);
            };
        }

        @Override
        public void ended(Exchange<?> exchange, Outcome outcome) {
            ends.merge(outcome, 1, Integer::sum);
        }

        int count() {
            return ends.values().stream().mapToInt(Integer::intValue).sum();
        }
    }

    private static Object[] numbers(int count) {
        return IntStream.range(0, count).boxed().toArray();
    }

    @Test
    void noMoreThanTheLimitAreOpenOverAllLoops() {
        AtomicInteger open = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        try (TestEndpoint endpoint = TestEndpoint.handlingOnTwoLoops(
                (message, exchange) -> {
                    most.accumulateAndGet(open.incrementAndGet(), Math::max);
                    Thread.onSpinWait();
                    open.decrementAndGet();
                    exchange.reply(message);
                },
                InFlightLimit.of(3),
                Workers.perMessage().patient())) {
            List<TestEndpoint.Line> lines = List.of(endpoint.lineOn(0), endpoint.lineOn(1));
            for (int round = 0; round < 200; round++) {
                lines.forEach(line -> line.receiveSoon(numbers(20)));
            }
            await().until(() -> lines.stream().allMatch(line -> line.settled() == 4_000));
            assertThat(most.get()).isBetween(1, 3);
            lines.forEach(line ->
                    assertThat(line.sent.size() + line.unanswered().size()).isEqualTo(4_000));

            // Every permit is back: three at a time get in, again and again.
            for (int i = 1; i <= 3; i++) {
                int replies = lines.get(0).sent.size();
                lines.get(0).receive(1, 2, 3);
                await().until(() -> lines.get(0).sent.size() == replies + 3);
            }
        }
    }

    @Test
    void anExchangeEndsOnceWhoeverComesFirst() {
        Ends ends = new Ends();
        List<ByteBuf> messages = new CopyOnWriteArrayList<>();
        AtomicInteger tellers = new AtomicInteger();
        Workers racers = Workers.perMessage().patient();
        try (TestEndpoint endpoint = TestEndpoint.handling(
                (message, exchange) -> {
                    Loops.thread("racer", () -> {
                                if (exchange.expire()) {
                                    tellers.incrementAndGet();
                                }
                            })
                            .start();
                    if (exchange.reply(message)) {
                        tellers.incrementAndGet();
                    }
                },
                ends,
                InFlightLimit.of(2_000),
                Deadline.of(Duration.ofSeconds(2)),
                racers)) {
            for (int round = 0; round < 2_000; round++) {
                TestEndpoint.Line line = endpoint.line();
                ByteBuf message = Buffers.of("m" + round);
                messages.add(message);
                line.receiveSoon(message);
                if (round % 3 == 0) {
                    line.run(OrderedExchanges::abandon);
                } else if (round % 3 == 1) {
                    endpoint.loop.eventLoop().execute(line.connection.exchanges()::abandon);
                }
            }
            await().until(() -> endpoint.call(ends::count) == 2_000);
            await().until(() -> messages.stream().allMatch(message -> message.refCnt() == 0));
            // Who was told that he ended it, did; what nobody claimed was abandoned.
            assertThat(tellers.get()).isBetween(2_000 - ends.ends.getOrDefault(Outcome.ABANDONED, 0), 2_000);
            endpoint.run(() -> {});
            assertThat(endpoint.call(ends::count)).isEqualTo(2_000);
        }
    }

    @Test
    void messagesOfWorkersThatStopAreReleased() {
        List<ByteBuf> messages = new ArrayList<>();
        for (int round = 0; round < 40; round++) {
            Workers workers = Workers.perConnection().atMost(2);
            TestEndpoint endpoint = TestEndpoint.handling((message, exchange) -> exchange.reply(message), workers);
            TestEndpoint.Line one = endpoint.line();
            TestEndpoint.Line other = endpoint.line();
            ByteBuf[] batch =
                    IntStream.range(0, 100).mapToObj(i -> Buffers.of("m" + i)).toArray(ByteBuf[]::new);
            messages.addAll(List.of(batch));
            one.receiveSoon((Object[]) batch);
            ByteBuf last = Buffers.of("last");
            messages.add(last);
            other.receiveSoon(last);
            one.end();
            other.end();
            endpoint.close();
        }
        await().until(() -> messages.stream().allMatch(message -> message.refCnt() == 0));
        assertThat(messages).hasSize(40 * 101);
    }

    @Test
    void workersServeOneEndpointWhileOthersComeAndGo() throws InterruptedException {
        Workers shared = Workers.perMessage();
        AtomicBoolean done = new AtomicBoolean();
        Handler<Object, Object> echo = (message, exchange) -> exchange.reply(message);
        try (TestEndpoint steady = TestEndpoint.handling(echo, shared)) {
            TestEndpoint.Line line = steady.line();
            Thread others = Loops.thread("others", () -> {
                for (int i = 0; i < 20; i++) {
                    TestEndpoint.handling(echo, shared).close();
                }
                done.set(true);
            });
            others.start();
            int sent = 0;
            while (!done.get() && sent < 100_000) {
                line.receive(sent++);
                int answered = sent;
                await().until(() -> line.sent.size() == answered);
            }
            others.join();
            assertThat(line.unanswered()).isEmpty();
            assertThat(line.sent).hasSize(sent);
        }
    }

    @Test
    void laneTasksRunOneByOneWhateverTheThreads() {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<Object> seen = new ArrayList<>(); // Not for several threads: a lane that let two in would break it.
        try (TestEndpoint endpoint = TestEndpoint.handling(
                (message, exchange) -> {
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    seen.add(message);
                    running.decrementAndGet();
                    exchange.consume();
                },
                Workers.perConnection().patient())) {
            TestEndpoint.Line line = endpoint.line();
            for (int i = 0; i < 20_000; i++) { // One at a time, so that lanes end and begin all the while.
                line.receiveSoon(i);
            }
            await().until(() -> line.settled() == 20_000);
            assertThat(most).hasValue(1);
            assertThat(seen).containsExactly(numbers(20_000));
        }
    }
}

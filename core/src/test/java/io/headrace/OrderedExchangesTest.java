package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OrderedExchangesTest {
    private final TestLoop loop = new TestLoop();
    private final Owner owner = new Owner();
    /** The exchanges whose handler has run, in the order of their messages. */
    private final List<Exchange<Object>> held = new ArrayList<>();

    private OrderedExchanges<Object> exchanges;

    @AfterEach
    void stopLoop() {
        loop.close();
    }

    /** Exchanges of one connection whose messages are handled so. */
    private void handle(Handler<Object, Object> handler) {
        handle(handler, null);
    }

    private void handle(Handler<Object, Object> handler, Otherwise<Object, Object> otherwise) {
        exchanges = new OrderedExchanges<>(loop.open(Application.of(handler), otherwise), null, owner);
    }

    private void handlePromptly(Handler<Object, Object> handler) {
        handle(new Handler<>() {
            @Override
            public void handle(Object message, Exchange<Object> exchange) throws Exception {
                handler.handle(message, exchange);
            }

            @Override
            public boolean holdsExchange() {
                return false;
            }
        });
    }

    private void hold() {
        handle((message, exchange) -> held.add(exchange));
    }

    private void receive(Object... messages) {
        loop.run(() -> {
            for (Object message : messages) {
                exchanges.received(message);
            }
        });
    }

    private void abandon() {
        loop.run(exchanges::abandon);
    }

    /** On the loop: the exchange of the n-th message. */
    private void reply(int n, Object answer) {
        loop.run(() -> held.get(n).reply(answer));
    }

    // ---- order

    @Test
    void repliesLeaveInArrivalOrder() {
        hold();
        receive("a", "b", "c");
        reply(2, "C");
        reply(1, "B");
        reply(0, "A");
        assertThat(owner.sent).containsExactly("A", "B", "C");
    }

    @Test
    void anOpenExchangeHoldsBackWhatEndedBehindIt() {
        hold();
        receive("a", "b");
        reply(1, "B");
        assertThat(owner.sent).isEmpty();
    }

    @Test
    void aPromptReplyWaitsBehindAnOpenExchange() {
        handle((message, exchange) -> {
            held.add(exchange);
            if (message.equals("b")) {
                exchange.reply("B");
            }
        });
        receive("a", "b");
        reply(0, "A");
        assertThat(owner.sent).containsExactly("A", "B");
    }

    @Test
    void repliesOfOtherThreadsLeaveInArrivalOrder() throws InterruptedException {
        hold();
        receive("a", "b");
        Thread other = new Thread(() -> {
            held.get(1).reply("B");
            held.get(0).reply("A");
        });
        other.start();
        other.join();
        loop.settle();
        assertThat(owner.sent).containsExactly("A", "B");
    }

    @Test
    void aConsumedExchangeLetsTheNextReplyLeave() {
        hold();
        receive("a", "b");
        reply(1, "B");
        loop.run(() -> held.get(0).consume());
        assertThat(owner.sent).containsExactly("B");
    }

    // ---- one exchange for every message, where nobody holds it

    @Test
    void promptHandlersShareOneExchange() {
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        handlePromptly((message, exchange) -> {
            seen.add(exchange);
            exchange.reply(message);
        });
        receive("a", "b", "c");
        assertThat(seen).hasSize(1);
    }

    @Test
    void anExchangeThatMayBeHeldIsNeverReused() {
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        handle((message, exchange) -> {
            seen.add(exchange);
            exchange.reply(message);
        });
        receive("a", "b", "c");
        assertThat(seen).hasSize(3);
    }

    @Test
    void aReusedExchangeStartsAnew() {
        List<Outcome> before = new ArrayList<>();
        handlePromptly((message, exchange) -> {
            before.add(exchange.outcome());
            exchange.reply(message);
        });
        receive("a", "b");
        assertThat(before).containsExactly(null, null);
    }

    @Test
    void aReusedExchangeForgetsItsListeners() {
        AtomicInteger told = new AtomicInteger();
        handlePromptly((message, exchange) -> {
            if (message.equals("a")) {
                exchange.onEnd((ended, outcome) -> told.incrementAndGet());
            }
            exchange.reply(message);
        });
        receive("a", "b");
        assertThat(told).hasValue(1);
    }

    // ---- exactly one end

    @Test
    void theFirstEndWins() {
        List<Boolean> won = new ArrayList<>();
        handle((message, exchange) -> {
            won.add(exchange.reply("A"));
            won.add(exchange.reply("B"));
            won.add(exchange.consume());
            won.add(exchange.fail(new RuntimeException()));
            won.add(exchange.refuse());
            won.add(exchange.expire());
        });
        receive("a");
        assertThat(won).containsExactly(true, false, false, false, false, false);
        assertThat(owner.sent).containsExactly("A");
        assertThat(owner.settled).isEqualTo(1);
    }

    @Test
    void oneOfManyThreadsEndsIt() throws InterruptedException {
        int rounds = 500;
        hold();
        AtomicInteger won = new AtomicInteger();
        for (int i = 0; i < rounds; i++) {
            receive("a");
            Exchange<Object> exchange = held.get(i);
            CountDownLatch go = new CountDownLatch(1);
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                Thread thread = new Thread(() -> {
                    try {
                        go.await();
                    } catch (InterruptedException never) {
                        throw new AssertionError(never);
                    }
                    if (exchange.reply(Buffers.of("A"))) {
                        won.incrementAndGet();
                    }
                });
                thread.start();
                threads.add(thread);
            }
            go.countDown();
            for (Thread thread : threads) {
                thread.join();
            }
        }
        loop.settle();
        assertThat(won).hasValue(rounds);
        assertThat(owner.sent).hasSize(rounds);
        assertThat(owner.settled).isEqualTo(rounds);
    }

    @Test
    void theOutcomeIsNullWhileTheExchangeIsOpen() {
        hold();
        receive("a");
        assertThat(held.get(0).outcome()).isNull();
    }

    @Test
    void theOutcomeSaysHowItEnded() {
        hold();
        receive("a", "b", "c", "d", "e");
        loop.run(() -> {
            held.get(0).reply("A");
            held.get(1).consume();
            held.get(2).refuse();
            held.get(3).expire();
            held.get(4).fail(new RuntimeException("on purpose"));
        });
        assertThat(held.stream().map(Exchange::outcome))
                .containsExactly(Outcome.REPLIED, Outcome.CONSUMED, Outcome.REFUSED, Outcome.EXPIRED, Outcome.FAILED);
    }

    // ---- buffers

    @Test
    void theMessageStaysReadableUntilItsExchangeEnds() {
        hold();
        ByteBuf message = Buffers.of("a");
        receive(message);
        assertThat(message.refCnt()).isEqualTo(1);
        loop.run(() -> held.get(0).consume());
        assertThat(message.refCnt()).isZero();
    }

    @Test
    void theMessageItselfMayBeTheAnswer() {
        handlePromptly((message, exchange) -> exchange.reply(message));
        ByteBuf message = Buffers.of("a");
        receive(message);
        assertThat(owner.sent).containsExactly("a");
        assertThat(message.refCnt()).isZero();
    }

    @Test
    void aSliceOfTheMessageNeedsItsOwnReference() {
        handlePromptly((message, exchange) -> exchange.reply(((ByteBuf) message).retainedSlice(1, 1)));
        ByteBuf message = Buffers.of("abc");
        receive(message);
        assertThat(owner.sent).containsExactly("b");
        assertThat(message.refCnt()).isZero();
    }

    @Test
    void aMessageHandedOverIsNotReleasedByItsExchange() {
        ByteBuf message = Buffers.of("a");
        handlePromptly((in, exchange) -> {
            exchanges.handOver(in); // As Connection.send does.
            exchange.consume();
        });
        receive(message);
        assertThat(message.refCnt()).isEqualTo(1);
        message.release();
    }

    @Test
    void aMessageOfAnExchangeThatOutlivedItsHandlerCanBeHandedOver() {
        hold();
        ByteBuf message = Buffers.of("b");
        receive("a", message);
        loop.run(() -> {
            exchanges.handOver(message);
            held.get(1).consume();
            held.get(0).consume();
        });
        assertThat(message.refCnt()).isEqualTo(1);
        message.release();
    }

    @Test
    void anAnswerThatComesTooLateIsReleased() {
        hold();
        receive("a");
        ByteBuf late = Buffers.of("A");
        loop.run(() -> {
            held.get(0).expire();
            held.get(0).reply(late);
        });
        assertThat(late.refCnt()).isZero();
    }

    @Test
    void replyingTheMessageTooLateReleasesNothing() {
        hold();
        ByteBuf message = Buffers.of("a");
        receive(message.retain());
        loop.run(() -> held.get(0).expire());
        assertThat(held.get(0).reply(message)).isFalse();
        assertThat(message.refCnt()).isEqualTo(1); // The one that we retained.
        message.release();
    }

    // ---- failures

    @Test
    void anExchangeWithoutAnAnswerIsReportedUnanswered() {
        hold();
        receive("a", "b", "c");
        loop.run(() -> {
            held.get(0).fail(new RuntimeException("on purpose"));
            held.get(1).refuse();
            held.get(2).expire();
        });
        assertThat(owner.unanswered).containsExactly(Outcome.FAILED, Outcome.REFUSED, Outcome.EXPIRED);
    }

    @Test
    void aHandlerThatThrowsFailsItsExchange() {
        handlePromptly((message, exchange) -> {
            throw new IllegalStateException("on purpose");
        });
        receive("a");
        assertThat(owner.unanswered).containsExactly(Outcome.FAILED);
        assertThat(owner.faults).singleElement().isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aHandlerThatThrowsAfterItsAnswerIsAFaultAndTheAnswerStands() {
        handlePromptly((message, exchange) -> {
            exchange.reply("A");
            throw new IllegalStateException("on purpose");
        });
        receive("a");
        assertThat(owner.sent).containsExactly("A");
        assertThat(owner.unanswered).isEmpty();
        assertThat(owner.faults).hasSize(1);
    }

    @Test
    void anAnswerThatCannotBeEncodedFailsItsExchange() {
        List<Outcome> told = new ArrayList<>();
        owner.poison = "poison";
        handlePromptly((message, exchange) -> {
            exchange.onEnd((ended, outcome) -> told.add(outcome));
            exchange.reply("poison");
        });
        receive("a");
        assertThat(told).containsExactly(Outcome.FAILED);
        assertThat(owner.unanswered).containsExactly(Outcome.FAILED);
    }

    @Test
    void aMessageThatCannotBeEncodedAsItsAnswerIsReleasedOnce() {
        ByteBuf message = Buffers.of("a");
        owner.poison = message;
        handlePromptly((in, exchange) -> exchange.reply(in));
        receive(message);
        assertThat(message.refCnt()).isZero();
        assertThat(owner.faults).singleElement().isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void replyingNullFails() {
        handlePromptly((message, exchange) -> exchange.reply(null));
        receive("a");
        assertThat(owner.faults)
                .singleElement()
                .satisfies(fault ->
                        assertThat(fault).hasMessage("reply: null (expected: an answer; without one, use consume)"));
    }

    @Test
    void otherwiseAnswersForAnExchangeThatFailed() {
        handle((message, exchange) -> exchange.refuse(), (message, outcome) -> message + " was " + outcome.tag());
        receive("a");
        assertThat(owner.sent).containsExactly("a was refused");
        assertThat(owner.unanswered).isEmpty();
    }

    @Test
    void otherwiseMayAnswerWithTheMessage() {
        handle((message, exchange) -> exchange.refuse(), (message, outcome) -> message);
        ByteBuf message = Buffers.of("a");
        receive(message);
        assertThat(owner.sent).containsExactly("a");
        assertThat(message.refCnt()).isZero();
    }

    @Test
    void anOtherwiseThatThrowsLeavesTheExchangeUnanswered() {
        handle((message, exchange) -> exchange.refuse(), (message, outcome) -> {
            throw new IllegalStateException("on purpose");
        });
        receive("a");
        assertThat(owner.unanswered).containsExactly(Outcome.REFUSED);
        assertThat(owner.faults).hasSize(1);
    }

    // ---- the end of the connection

    @Test
    void openExchangesAreAbandonedWithTheConnection() {
        hold();
        ByteBuf message = Buffers.of("a");
        receive(message);
        abandon();
        assertThat(held.get(0).outcome()).isEqualTo(Outcome.ABANDONED);
        assertThat(message.refCnt()).isZero();
        assertThat(owner.settled).isEqualTo(1);
    }

    @Test
    void anAnswerThatWaitedForItsTurnIsReleasedWithTheConnection() {
        hold();
        receive("a", "b");
        ByteBuf answer = Buffers.of("B");
        reply(1, answer);
        abandon();
        assertThat(answer.refCnt()).isZero();
        assertThat(owner.sent).isEmpty();
        assertThat(owner.settled).isEqualTo(2);
    }

    @Test
    void theMessageStaysReadableInAHandlerThatClosesItsConnection() {
        ByteBuf message = Buffers.of("a");
        AtomicInteger references = new AtomicInteger();
        handle((in, exchange) -> {
            exchanges.abandon();
            references.set(message.refCnt());
        });
        receive(message);
        assertThat(references).hasValue(1);
        assertThat(message.refCnt()).isZero();
        assertThat(owner.settled).isEqualTo(1);
    }

    @Test
    void aReplyAfterTheEndOfTheConnectionIsAbandoned() {
        handle((message, exchange) -> {
            held.add(exchange);
            exchanges.abandon();
            exchange.reply(Buffers.of("A"));
        });
        receive("a");
        assertThat(held.get(0).outcome()).isEqualTo(Outcome.ABANDONED);
        assertThat(owner.sent).isEmpty();
        assertThat(owner.settled).isEqualTo(1);
    }

    @Test
    void aReplyBehindAnOpenExchangeIsReleasedWhenItsHandlerThenClosesTheConnection() {
        ByteBuf answer = Buffers.of("B");
        handle((message, exchange) -> {
            held.add(exchange);
            if (message.equals("b")) {
                exchange.reply(answer);
                exchanges.abandon();
            }
        });
        receive("a", "b");
        assertThat(answer.refCnt()).isZero();
        assertThat(owner.settled).isEqualTo(2);
    }

    @Test
    void aReplyOnItsWayToTheLoopWhenTheConnectionEndsIsReleasedOnce() {
        hold();
        ByteBuf message = Buffers.of("a");
        ByteBuf answer = Buffers.of("A");
        receive(message);
        loop.run(() -> {
            onAnotherThread(() -> held.get(0).reply(answer)); // Its end waits behind this very task.
            exchanges.abandon();
        });
        loop.settle();
        assertThat(answer.refCnt()).isZero();
        assertThat(message.refCnt()).isZero();
        assertThat(owner.settled).isEqualTo(1);
    }

    @Test
    void theMessageAsAReplyOnItsWayToTheLoopWhenTheConnectionEndsIsReleasedOnce() {
        hold();
        ByteBuf message = Buffers.of("a");
        receive(message);
        loop.run(() -> {
            onAnotherThread(() -> held.get(0).reply(message));
            exchanges.abandon();
        });
        loop.settle();
        assertThat(message.refCnt()).isZero();
    }

    @Test
    void aMessageThatComesAfterTheEndIsReleased() {
        hold();
        ByteBuf message = Buffers.of("a");
        abandon();
        receive(message);
        assertThat(message.refCnt()).isZero();
        assertThat(held.get(0).outcome()).isEqualTo(Outcome.ABANDONED);
    }

    @Test
    void anEndOnALoopThatHasStoppedIsLostQuietly() {
        hold();
        ByteBuf message = Buffers.of("a");
        ByteBuf answer = Buffers.of("A");
        receive(message);
        loop.close();
        assertThat(held.get(0).reply(answer)).isFalse();
        assertThat(answer.refCnt()).isZero();
        assertThat(message.refCnt()).isZero();
    }

    // ---- messages that come while another is handled

    @Test
    void aMessageThatComesWhileAnotherIsHandledIsAnsweredBehindIt() {
        handle((message, exchange) -> {
            if (message.equals("a")) {
                exchanges.received("b");
            }
            exchange.reply("re " + message);
        });
        receive("a");
        assertThat(owner.sent).containsExactly("re a", "re b");
    }

    @Test
    void aMessageThatComesOnceTheHandlerHasAnsweredSettlesNothingTwice() {
        handle((message, exchange) -> {
            exchange.reply("re " + message);
            if (message.equals("a")) {
                exchanges.received("b");
            }
        });
        receive("a");
        assertThat(owner.sent).containsExactly("re a", "re b");
        assertThat(owner.settled).isEqualTo(2);
    }

    @Test
    void aMessageThatComesWhenTheOneBeforeIsSettledKeepsTheOrder() {
        owner.whenSettled = () -> {
            owner.whenSettled = () -> {};
            exchanges.received("c");
        };
        handle((message, exchange) -> {
            held.add(exchange);
            if (message.equals("c")) {
                exchange.reply("C");
            }
        });
        receive("a", "b");
        reply(1, "B");
        reply(0, "A");
        assertThat(owner.sent).containsExactly("A", "B", "C");
    }

    @Test
    void theMessageOfAnOuterHandlerStaysReadableWhenAnInnerOneClosesTheConnection() {
        ByteBuf outer = Buffers.of("a");
        AtomicInteger references = new AtomicInteger();
        handle((message, exchange) -> {
            if (message == outer) {
                exchanges.received("b");
                references.set(outer.refCnt());
            } else {
                exchanges.abandon();
            }
        });
        receive(outer);
        assertThat(references).hasValue(1);
        assertThat(outer.refCnt()).isZero();
        assertThat(owner.settled).isEqualTo(2);
    }

    // ---- how many are open

    @Test
    void whatWaitsForItsTurnIsStillOpen() {
        hold();
        receive("a", "b");
        reply(1, "B");
        assertThat(loop.call(exchanges::open)).isEqualTo(2);
    }

    @Test
    void nothingIsOpenWhenTheLastOneSettlesEvenInsideItsHandler() {
        List<Integer> open = new ArrayList<>();
        owner.whenSettled = () -> open.add(exchanges.open());
        handlePromptly((message, exchange) -> exchange.reply("A"));
        receive("a");
        assertThat(open).containsExactly(0);
    }

    @Test
    void theMessageBeingHandledIsOpen() {
        BlockingQueue<Integer> open = new ArrayBlockingQueue<>(1);
        handle((message, exchange) -> open.add(exchanges.open()));
        receive("a");
        assertThat(open).containsExactly(1);
        abandon();
    }

    private static void onAnotherThread(Runnable task) {
        Thread thread = new Thread(task);
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException never) {
            throw new AssertionError(never);
        }
    }
}

package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.stage.Deadline;
import io.headrace.stage.InFlightLimit;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeadlineTest {
    private static final Deadline TWO_SECONDS = Deadline.of(Duration.ofSeconds(2));

    private final List<Exchange<Object>> held = new CopyOnWriteArrayList<>();
    private TestEndpoint endpoint;

    @AfterEach
    void stop() {
        endpoint.close();
    }

    /** Nobody answers before the test does. */
    private TestEndpoint.Line hold(MessageStage... stages) {
        endpoint = TestEndpoint.handling((message, exchange) -> held.add(exchange), stages);
        return endpoint.line();
    }

    private void pass(Duration time) {
        endpoint.clock.advance(time);
    }

    private static Duration seconds(double seconds) {
        return Duration.ofMillis((long) (seconds * 1_000));
    }

    @Test
    void anExchangeExpiresWhenItsTimeIsOver() {
        TestEndpoint.Line line = hold(TWO_SECONDS);
        line.receive("m");
        pass(seconds(1.9));
        assertThat(held.get(0).outcome()).isNull();
        pass(seconds(0.3));
        assertThat(held.get(0).outcome()).isEqualTo(Outcome.EXPIRED);
        assertThat(line.unanswered()).containsExactly(Outcome.EXPIRED);
    }

    @Test
    void theTimeThatTheProcessWasStoppedIsNotTheExchanges() {
        TestEndpoint.Line line = hold(TWO_SECONDS);
        line.receive("m");
        pass(seconds(1));
        endpoint.clock.pause(Duration.ofMinutes(10));
        pass(seconds(0.8));
        assertThat(held.get(0).outcome()).isNull();
        pass(seconds(0.4));
        assertThat(line.unanswered()).containsExactly(Outcome.EXPIRED);
    }

    @Test
    void anAnswerAfterThatGoesNowhere() {
        TestEndpoint.Line line = hold(TWO_SECONDS);
        line.receive("m");
        pass(seconds(2.2));
        assertThat(held.get(0).reply("late")).isFalse();
        assertThat(line.sent).isEmpty();
    }

    @Test
    void anAnswerInTimeIsLeftAlone() {
        TestEndpoint.Line line = hold(TWO_SECONDS);
        line.receive("m");
        endpoint.run(() -> held.get(0).reply("in time"));
        pass(seconds(10));
        assertThat(line.sent).containsExactly("in time");
        assertThat(line.unanswered()).isEmpty();
    }

    @Test
    void eachExpiresAtItsOwnTime() {
        TestEndpoint.Line line = hold(TWO_SECONDS);
        line.receive("first");
        endpoint.run(endpoint.loop::batchEnded); // Or both would count as having come at once.
        pass(seconds(1));
        line.receive("second");
        pass(seconds(1.2));
        assertThat(held).extracting(Exchange::outcome).containsExactly(Outcome.EXPIRED, null);
        pass(seconds(1));
        assertThat(held).extracting(Exchange::outcome).containsExactly(Outcome.EXPIRED, Outcome.EXPIRED);
    }

    @Test
    void exchangesOfAllConnectionsExpire() {
        TestEndpoint.Line one = hold(TWO_SECONDS);
        TestEndpoint.Line other = endpoint.line();
        one.receive("m");
        other.receive("m");
        pass(seconds(2.2));
        assertThat(one.unanswered()).containsExactly(Outcome.EXPIRED);
        assertThat(other.unanswered()).containsExactly(Outcome.EXPIRED);
    }

    @Test
    void thousandsBehindASlowOneAreForgottenWhenTheyEnd() {
        TestEndpoint.Line line = hold(TWO_SECONDS);
        line.receive(IntStream.range(0, 5_000).boxed().toArray());
        endpoint.run(() -> held.subList(1, 5_000).forEach(Exchange::consume));
        pass(seconds(2.2));
        assertThat(held.get(0).outcome()).isEqualTo(Outcome.EXPIRED);
        assertThat(held.subList(1, 5_000)).extracting(Exchange::outcome).containsOnly(Outcome.CONSUMED);
        assertThat(line.settled()).isEqualTo(5_000);
    }

    @Test
    void whatExpiresGivesItsPermitBack() {
        TestEndpoint.Line line = hold(TWO_SECONDS, InFlightLimit.of(1));
        line.receive("first", "refused");
        assertThat(held).hasSize(1);
        pass(seconds(2.2));
        endpoint.run(endpoint.loop::batchEnded);
        line.receive("next");
        assertThat(held).hasSize(2);
        assertThat(line.unanswered()).containsExactly(Outcome.EXPIRED, Outcome.REFUSED);
    }

    @Test
    void whatHasExpiredReleasesItsMessage() {
        TestEndpoint.Line line = hold(TWO_SECONDS);
        ByteBuf message = Buffers.of("m");
        line.receive(message);
        pass(seconds(2.2));
        assertThat(message.refCnt()).isZero();
    }

    @Test
    void aMessageThatExpiresOnAWorkerStaysReadableThere() {
        TestGate gate = new TestGate();
        List<Object> read = new CopyOnWriteArrayList<>();
        endpoint = TestEndpoint.handling(
                (message, exchange) -> {
                    held.add(exchange);
                    gate.await();
                    read.add((int) ((ByteBuf) message).readByte());
                    read.add(exchange.reply(message));
                },
                TWO_SECONDS,
                Workers.perMessage());
        TestEndpoint.Line line = endpoint.line();
        ByteBuf message = Buffers.of(7);
        line.receive(message);
        await().until(() -> held.size() == 1);
        pass(seconds(2.2));
        assertThat(line.unanswered()).containsExactly(Outcome.EXPIRED);
        gate.open();
        await().until(() -> message.refCnt() == 0);
        assertThat(read).containsExactly(7, false);
        assertThat(line.sent).isEmpty();
    }

    @Test
    void aMessageThatExpiresWhileItWaitsForAWorkerIsNeverHandled() {
        TestGate gate = new TestGate();
        endpoint = TestEndpoint.handling(
                (message, exchange) -> {
                    held.add(exchange);
                    gate.await();
                },
                TWO_SECONDS,
                Workers.perMessage().atMost(1));
        TestEndpoint.Line line = endpoint.line();
        line.receive("runs", "waits", "waits");
        await().until(() -> held.size() == 1);
        pass(seconds(2.2));
        gate.open();
        endpoint.run(endpoint.loop::batchEnded);
        line.receive("next");
        await().until(() -> held.size() == 2);
        assertThat(line.unanswered()).containsExactly(Outcome.EXPIRED, Outcome.EXPIRED, Outcome.EXPIRED);
    }

    @Test
    void theClockStopsWithItsEndpoint() {
        TestEndpoint.Line line = hold(TWO_SECONDS);
        line.receive("m");
        endpoint.close();
        pass(seconds(10));
        assertThat(held.get(0).outcome()).isNull();
    }

    @Test
    void aHandlerThatHoldsNothingIsServedByOneExchange() {
        endpoint = TestEndpoint.of(Adapters.reply(message -> message), TWO_SECONDS, InFlightLimit.of(1));
        assertThat(endpoint.loop.handlerHoldsExchange()).isFalse();
    }
}

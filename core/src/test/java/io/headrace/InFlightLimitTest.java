package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.stage.InFlightLimit;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InFlightLimitTest {
    private final List<Exchange<Object>> held = new CopyOnWriteArrayList<>();
    private TestEndpoint endpoint;

    @AfterEach
    void stop() {
        endpoint.close();
    }

    private TestEndpoint.Line hold(MessageStage... stages) {
        endpoint = TestEndpoint.handling((message, exchange) -> held.add(exchange), stages);
        return endpoint.line();
    }

    @Test
    void moreThanTheLimitAreRefusedAtOnce() {
        TestEndpoint.Line line = hold(InFlightLimit.of(3));
        line.receive("a", "b", "c", "over", "over");
        assertThat(held).hasSize(3);
        endpoint.run(() -> held.forEach(Exchange::consume));
        assertThat(line.unanswered()).containsExactly(Outcome.REFUSED, Outcome.REFUSED);
    }

    @Test
    void theLimitIsForAllConnectionsTogether() {
        TestEndpoint.Line one = hold(InFlightLimit.of(2));
        TestEndpoint.Line other = endpoint.line();
        one.receive("a", "b");
        other.receive("over");
        assertThat(other.unanswered()).containsExactly(Outcome.REFUSED);
    }

    private void requireRoomFor(int messages) {
        int before = held.size();
        TestEndpoint.Line line = endpoint.line();
        line.receive("next", "next", "next", "next");
        assertThat(held).hasSize(before + messages);
    }

    @Test
    void anAnswerGivesThePlaceBack() {
        hold(InFlightLimit.of(2)).receive("a", "b", "over");
        endpoint.run(() -> held.get(0).reply("A"));
        requireRoomFor(1);
    }

    @Test
    void aLostConnectionGivesItsPlacesBack() {
        TestEndpoint.Line line = hold(InFlightLimit.of(2));
        line.receive("a", "b");
        line.end();
        requireRoomFor(2);
    }

    @Test
    void whatEndsTwiceGivesOnePlaceBack() {
        TestEndpoint.Line line = hold(InFlightLimit.of(2));
        line.receive("a", "b");
        endpoint.run(() -> {
            held.get(0).reply("A");
            held.get(0).fail(new IllegalStateException("too late"));
            held.get(0).expire();
        });
        line.end(); // "A" has left, "b" ends here.
        requireRoomFor(2);
    }

    @Test
    void anExchangeThatWaitsForItsTurnHasGivenItsPlaceBack() {
        hold(InFlightLimit.of(2)).receive("a", "b");
        endpoint.run(() -> held.get(1).reply("B"));
        requireRoomFor(1);
    }

    @Test
    void aThrowingHandlerGivesThePlaceBack() {
        endpoint = TestEndpoint.handling(
                (message, exchange) -> {
                    throw new IllegalStateException("on purpose");
                },
                InFlightLimit.of(1));
        TestEndpoint.Line line = endpoint.line();
        line.receive("a", "b", "c");
        assertThat(line.unanswered()).containsExactly(Outcome.FAILED, Outcome.FAILED, Outcome.FAILED);
    }

    @Test
    void whatWorkersRefuseGivesThePlaceBack() {
        TestGate gate = new TestGate();
        endpoint = TestEndpoint.handling(
                (message, exchange) -> {
                    gate.await();
                    exchange.consume();
                },
                InFlightLimit.of(2),
                Workers.perMessage().atMost(1).queue(0));
        TestEndpoint.Line line = endpoint.line();
        line.receive("runs", "no worker", "no worker", "no worker");
        gate.open();
        await().until(() -> line.settled() == 4);
        line.receive("next");
        await().until(() -> line.settled() == 5);
        assertThat(line.unanswered()).containsExactly(Outcome.REFUSED, Outcome.REFUSED, Outcome.REFUSED);
    }

    @Test
    void oneConnectionCannotTakeWhatIsForAll() {
        TestEndpoint.Line greedy = hold(InFlightLimit.of(10).perConnection(2));
        TestEndpoint.Line modest = endpoint.line();
        greedy.receive("a", "b", "over");
        modest.receive("c");
        assertThat(held).hasSize(3);
        assertThat(greedy.openExchanges()).isEqualTo(3);
        endpoint.run(() -> held.get(0).consume());
        greedy.receive("next", "over");
        assertThat(held).hasSize(4);
    }

    @Test
    void theLimitOfAllHoldsForManyConnectionsToo() {
        TestEndpoint.Line first = hold(InFlightLimit.of(3).perConnection(2));
        first.receive("a", "b");
        endpoint.line().receive("c", "over");
        first.end();
        requireRoomFor(2);
        assertThat(held).hasSize(5);
    }

    @Test
    void theNextServerStartsWithEveryPlaceFree() {
        InFlightLimit limit = InFlightLimit.of(1);
        hold(limit).receive("a");
        endpoint.close();
        hold(limit).receive("b");
        assertThat(held).hasSize(2);
    }
}

package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SeparateExchangesTest {
    private final TestLoop loop = new TestLoop();
    private final Owner owner = new Owner();
    private final List<Exchange<Object>> held = new ArrayList<>();
    private SeparateExchanges<Object> exchanges;

    @AfterEach
    void stopLoop() {
        loop.close();
    }

    private void handle(Handler<Object, Object> handler) {
        exchanges = new SeparateExchanges<>(loop.open(Application.of(handler), null), owner);
    }

    private void hold() {
        handle((message, exchange) -> held.add(exchange));
    }

    private void receive(Object... messages) {
        loop.run(() -> {
            for (Object message : messages) {
                exchanges.received(message, null);
            }
        });
    }

    @Test
    void repliesLeaveAsTheyEnd() {
        hold();
        receive("a", "b", "c");
        loop.run(() -> {
            held.get(2).reply("C");
            held.get(0).reply("A");
            held.get(1).reply("B");
        });
        assertThat(owner.sent).containsExactly("C", "A", "B");
    }

    @Test
    void whatOutlivesItsHandlerIsOpen() {
        hold();
        receive("a", "b");
        loop.run(() -> held.get(0).consume());
        assertThat(loop.call(exchanges::open)).isEqualTo(1);
    }

    @Test
    void theMessageIsReleasedWhenItsExchangeEnds() {
        hold();
        ByteBuf message = Buffers.of("a");
        receive(message);
        loop.run(() -> held.get(0).consume());
        assertThat(message.refCnt()).isZero();
    }

    @Test
    void theMessageItselfMayBeTheAnswer() {
        handle((message, exchange) -> exchange.reply(message));
        ByteBuf message = Buffers.of("a");
        receive(message);
        assertThat(owner.sent).containsExactly("a");
        assertThat(message.refCnt()).isZero();
    }

    @Test
    void openExchangesAreAbandonedWithTheEndpoint() {
        hold();
        ByteBuf message = Buffers.of("a");
        receive(message);
        loop.run(exchanges::abandon);
        assertThat(held.get(0).outcome()).isEqualTo(Outcome.ABANDONED);
        assertThat(message.refCnt()).isZero();
        assertThat(owner.settled).isEqualTo(1);
    }

    @Test
    void anExchangeThatOutlivesAHandlerThatClosedTheEndpointIsAbandoned() {
        handle((message, exchange) -> {
            held.add(exchange);
            exchanges.abandon();
        });
        ByteBuf message = Buffers.of("a");
        receive(message);
        assertThat(held.get(0).outcome()).isEqualTo(Outcome.ABANDONED);
        assertThat(message.refCnt()).isZero();
    }

    @Test
    void aThrowingHandlerEndsOnlyItsOwnExchange() {
        handle((message, exchange) -> {
            if (message.equals("bad")) {
                throw new IllegalStateException("on purpose");
            }
            exchange.reply(message);
        });
        receive("bad", "good");
        assertThat(owner.sent).containsExactly("good");
        assertThat(owner.unanswered).containsExactly(Outcome.FAILED);
    }

    @Test
    void moreThanSixteenThousandOpenExchangesAreRefused() {
        hold();
        loop.run(() -> {
            for (int i = 0; i < 16_385; i++) {
                exchanges.received("m", null);
            }
        });
        assertThat(held).hasSize(16_384);
        assertThat(owner.unanswered).containsExactly(Outcome.REFUSED);
    }
}

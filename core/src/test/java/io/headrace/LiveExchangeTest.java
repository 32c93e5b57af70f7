package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an exchange tells the stages. */
class LiveExchangeTest {
    private final TestLoop loop = new TestLoop();
    private final Owner owner = new Owner();
    private final List<String> told = new ArrayList<>();
    private OpenLoop open;
    private OrderedExchanges<Object> exchanges;

    @AfterEach
    void stopLoop() {
        loop.close();
    }

    private void handle(Handler<Object, Object> handler) {
        open = loop.open(Application.of(handler), null);
        exchanges = new OrderedExchanges<>(open, null, owner);
    }

    private EndListener listener(String name) {
        return (exchange, outcome) -> told.add(name + " " + outcome.tag());
    }

    @Test
    void everyListenerIsToldInTheOrderOfAdding() {
        handle((message, exchange) -> {
            for (String name : List.of("1", "2", "3", "4", "5")) {
                exchange.onEnd(listener(name));
            }
            exchange.consume();
        });
        loop.run(() -> exchanges.received("a"));
        assertThat(told).containsExactly("1 consumed", "2 consumed", "3 consumed", "4 consumed", "5 consumed");
    }

    @Test
    void listenersAreToldOnce() {
        handle((message, exchange) -> {
            exchange.onEnd(listener("only"));
            exchange.reply("A");
            exchange.consume();
        });
        loop.run(() -> exchanges.received("a"));
        assertThat(told).containsExactly("only replied");
    }

    @Test
    void listenersAreToldOnTheLoop() throws InterruptedException {
        List<String> threads = new ArrayList<>();
        List<Exchange<Object>> held = new ArrayList<>();
        handle((message, exchange) -> {
            exchange.onEnd(
                    (ended, outcome) -> threads.add(Thread.currentThread().getName()));
            held.add(exchange);
        });
        loop.run(() -> exchanges.received("a"));
        Thread other = new Thread(() -> held.get(0).consume());
        other.start();
        other.join();
        loop.settle();
        assertThat(threads).containsExactly("test-loop-1");
    }

    @Test
    void listenersHearOfAnAbandonedExchange() {
        handle((message, exchange) -> exchange.onEnd(listener("only")));
        loop.run(() -> {
            exchanges.received("a");
            exchanges.abandon();
        });
        assertThat(told).containsExactly("only abandoned");
    }

    @Test
    void listenersAreToldBeforeTheAnswerOfAnEarlierExchangeHasLeft() {
        List<Exchange<Object>> held = new ArrayList<>();
        handle((message, exchange) -> {
            exchange.onEnd(listener(message.toString()));
            held.add(exchange);
        });
        loop.run(() -> {
            exchanges.received("a");
            exchanges.received("b");
            held.get(1).reply("B");
        });
        assertThat(told).containsExactly("b replied"); // A permit must not wait for the exchange before.
        assertThat(owner.sent).isEmpty();
    }

    @Test
    void allMessagesOfABatchStartAtOneTime() {
        List<Long> started = new ArrayList<>();
        handle((message, exchange) -> {
            started.add(exchange.startedNs());
            exchange.consume();
        });
        loop.run(() -> exchanges.received("a"));
        loop.clock.advance(Duration.ofMillis(1));
        loop.run(() -> exchanges.received("b"));
        assertThat(started.get(1)).isEqualTo(started.get(0));
    }

    @Test
    void theNextBatchStartsLater() {
        List<Long> started = new ArrayList<>();
        handle((message, exchange) -> {
            started.add(exchange.startedNs());
            exchange.consume();
        });
        loop.run(() -> {
            exchanges.received("a");
            open.batchEnded();
        });
        loop.clock.advance(Duration.ofMillis(1));
        loop.run(() -> exchanges.received("b"));
        assertThat(started.get(1) - started.get(0)).isEqualTo(1_000_000);
    }
}

package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OpenLoopTest {
    private final TestLoop loop = new TestLoop();
    private final List<String> journal = new ArrayList<>();

    @AfterEach
    void stopLoop() {
        loop.close();
    }

    private OpenLoop open(List<ChannelStage.PerLoop<Channel>> channelStages, List<MessageStage.PerLoop> messageStages) {
        Application<Object, Object> application = Adapters.consume(message -> journal.add("handler"));
        OpenLoop open = new OpenLoop(loop.loop, application, null);
        open.lay(channelStages, messageStages);
        return open;
    }

    private MessageStage.PerLoop wrapping(String name) {
        return (next, site) -> (message, exchange) -> {
            journal.add(name);
            next.handle(message, exchange);
        };
    }

    private ChannelStage.PerLoop<Channel> installing(String name) {
        return site -> (channel, line) -> journal.add(name);
    }

    private static ChannelStage.PerLoop<Channel> watching(Watch watch) {
        return site -> {
            site.watch(watch);
            return ChannelStage.nothing();
        };
    }

    @Test
    void theFirstMessageStageIsOutermost() {
        OpenLoop open = open(List.of(), List.of(wrapping("outer"), wrapping("inner")));
        OrderedExchanges<Object> exchanges = new OrderedExchanges<>(open, null, new Owner());
        loop.run(() -> exchanges.received("a"));
        assertThat(journal).containsExactly("outer", "inner", "handler");
    }

    @Test
    void channelStagesAreInstalledInWireOrder() {
        OpenLoop open = open(List.of(installing("first"), installing("second")), List.of());
        loop.run(() -> open.install(new EmbeddedChannel(), null));
        assertThat(journal).containsExactly("first", "second");
    }

    @Test
    void aStageThatMayHoldExchangesMakesThemHeld() {
        assertThat(open(List.of(), List.of()).handlerHoldsExchange()).isFalse();
        assertThat(open(List.of(), List.of(wrapping("outer"))).handlerHoldsExchange())
                .isTrue();
    }

    /** Everything that a watch can hear. */
    private static final List<Consumer<Watch>> EVENTS = List.of(
            Watch::opened,
            watch -> watch.received(1),
            watch -> watch.sent(2),
            watch -> watch.closed(CloseReason.FORCED, 3),
            watch -> watch.writable(true),
            watch -> watch.datagramReceived(4),
            watch -> watch.datagramSent(5),
            watch -> watch.datagramDropped(DropReason.OVERSIZE),
            Watch::peerEvicted,
            Watch::lingerAborted,
            Watch::questionRepeated,
            Watch::questionLost);

    private final class Listening implements Watch {
        private final String name;

        Listening(String name) {
            this.name = name;
        }

        @Override
        public void opened() {
            journal.add(name + " opened");
        }

        @Override
        public void received(int bytes) {
            journal.add(name + " received " + bytes);
        }

        @Override
        public void sent(long bytes) {
            journal.add(name + " sent " + bytes);
        }

        @Override
        public void closed(CloseReason reason, long ageNs) {
            journal.add(name + " closed " + reason + " " + ageNs);
        }

        @Override
        public void writable(boolean writable) {
            journal.add(name + " writable " + writable);
        }

        @Override
        public void datagramReceived(int bytes) {
            journal.add(name + " datagramReceived " + bytes);
        }

        @Override
        public void datagramSent(int bytes) {
            journal.add(name + " datagramSent " + bytes);
        }

        @Override
        public void datagramDropped(DropReason reason) {
            journal.add(name + " datagramDropped " + reason);
        }

        @Override
        public void peerEvicted() {
            journal.add(name + " peerEvicted");
        }

        @Override
        public void lingerAborted() {
            journal.add(name + " lingerAborted");
        }

        @Override
        public void questionRepeated() {
            journal.add(name + " questionRepeated");
        }

        @Override
        public void questionLost() {
            journal.add(name + " questionLost");
        }
    }

    private static final List<String> HEARD = List.of(
            "opened",
            "received 1",
            "sent 2",
            "closed FORCED 3",
            "writable true",
            "datagramReceived 4",
            "datagramSent 5",
            "datagramDropped OVERSIZE",
            "peerEvicted",
            "lingerAborted",
            "questionRepeated",
            "questionLost");

    @Test
    void aWatchHearsEverything() {
        Watch watch = open(List.of(watching(new Listening("a"))), List.of()).watch();
        EVENTS.forEach(event -> event.accept(watch));
        assertThat(journal)
                .containsExactlyElementsOf(
                        HEARD.stream().map(what -> "a " + what).toList());
    }

    @Test
    void everyWatchHearsEverything() {
        Watch watch = open(List.of(watching(new Listening("a")), watching(new Listening("b"))), List.of())
                .watch();
        EVENTS.forEach(event -> event.accept(watch));
        assertThat(journal)
                .containsExactlyElementsOf(HEARD.stream()
                        .flatMap(what -> List.of("a " + what, "b " + what).stream())
                        .toList());
    }

    @Test
    void nobodyNeedsToWatch() {
        Watch watch = open(List.of(), List.of()).watch();
        EVENTS.forEach(event -> event.accept(watch));
        assertThat(journal).isEmpty();
    }
}

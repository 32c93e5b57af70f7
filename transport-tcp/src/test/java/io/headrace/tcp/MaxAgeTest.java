package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.CloseReason;
import io.headrace.Connection;
import io.headrace.Exchange;
import io.headrace.Server;
import io.headrace.Session;
import io.headrace.Workers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Connections that end because of their age, on a clock that the test moves. */
class MaxAgeTest extends StreamTest {
    private static final MaxAge TEN_SECONDS = MaxAge.of(Duration.ofSeconds(10)).jitter(0);

    private void pass(long millis) {
        clock.advance(Duration.ofMillis(millis));
    }

    private void awaitBegun(int connections) {
        await().until(() -> lives.begun() == connections);
    }

    @Test
    void thoseThatCameTogetherLeaveOneByOne() throws Exception {
        int connections = 60;
        List<Connection<String>> open = new CopyOnWriteArrayList<>();
        Server server = start(lines().with(MaxAge.of(Duration.ofSeconds(10))).sessions(connection -> {
            open.add(connection);
            return message -> {};
        }));

        List<StreamPeer> peers = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            peers.add(dial(server));
        }
        await().until(() -> open.stream().filter(Connection::writable).count() == connections);
        pass(8_999);
        assertThat(open).allMatch(Connection::writable);
        pass(1_001);
        assertThat(open.stream().filter(Connection::writable).count()).isBetween(10L, 50L);
        pass(1_200);
        assertThat(open).noneMatch(Connection::writable);
        for (StreamPeer peer : peers) {
            assertThat(peer.hear()).isNull();
            peer.close();
        }
        await().untilAsserted(() -> assertThat(lives.reasons()).hasSize(connections));
        assertThat(lives.reasons()).containsOnly(CloseReason.MAX_AGE);
    }

    @Test
    void theFrameThatWasOpenIsAwaitedAndAnswered() throws Exception {
        Server server = start(lines().with(TEN_SECONDS).reply(message -> message));

        StreamPeer peer = dial(server);
        peer.send("hel");
        await().until(() -> lives.begun() == 1 && lives.get(0).received() == 3);
        pass(20_000);
        assertThat(lives.reasons()).isEmpty();
        peer.send("lo\n");
        assertThat(peer.hear()).isEqualTo("hello");
        pass(1_000);
        assertThat(peer.hear()).isNull();
        peer.close();
        awaitReasons(CloseReason.MAX_AGE);
    }

    @Test
    void nobodyGrowsOldWhileTheProcessIsStopped() throws Exception {
        Server server = start(lines().with(TEN_SECONDS).reply(message -> message));

        StreamPeer peer = dial(server);
        awaitBegun(1);
        pass(5_000);
        clock.pause(Duration.ofMinutes(10));
        pass(4_000);
        peer.say("hello");
        assertThat(peer.hear()).isEqualTo("hello");
        pass(2_500);
        assertThat(peer.hear()).isNull();
        peer.close();
        awaitReasons(CloseReason.MAX_AGE);
    }

    @Test
    void whoNeverPausesEndsToo() throws Exception {
        Server server = start(lines().with(TEN_SECONDS).reply(message -> message));

        StreamPeer peer = dial(server);
        peer.send("x");
        for (int i = 0; i < 9; i++) {
            pass(1_000);
            peer.send("\nx");
            assertThat(peer.hear()).isEqualTo("x");
        }
        pass(2_500); // The frame that was open by then...
        peer.send("\nx");
        assertThat(peer.hear()).isEqualTo("x");
        pass(1_000); // ...was the last one.
        assertThat(peer.hear()).isNull();
        peer.close();
        awaitReasons(CloseReason.MAX_AGE);
    }

    @Test
    void openExchangesAreAnsweredFirst() throws Exception {
        List<Exchange<String>> held = new CopyOnWriteArrayList<>();
        Server server = start(lines().with(TEN_SECONDS).handle((message, exchange) -> held.add(exchange)));

        StreamPeer peer = dial(server);
        peer.say("think");
        await().until(() -> held.size() == 1);
        pass(12_000);
        assertThat(lives.reasons()).isEmpty();
        held.get(0).reply("42");
        assertThat(peer.hear()).isEqualTo("42");
        assertThat(peer.hear()).isNull();
        peer.close();
        awaitReasons(CloseReason.MAX_AGE);
    }

    /** Is asked to end, and takes its time. */
    private static final class Asked implements Session<String> {
        private final Connection<String> connection;
        private final AtomicInteger asked = new AtomicInteger();

        Asked(Connection<String> connection) {
            this.connection = connection;
        }

        @Override
        public void received(String message) {
            connection.sendAndClose("bye");
        }

        @Override
        public boolean draining() {
            asked.incrementAndGet();
            return false;
        }
    }

    @Test
    void aSessionIsAskedOnceAndMayTakeItsTime() throws Exception {
        CompletableFuture<Asked> session = new CompletableFuture<>();
        Server server = start(lines().with(TEN_SECONDS).sessions(connection -> {
            Asked asked = new Asked(connection);
            session.complete(asked);
            return asked;
        }));

        StreamPeer peer = dial(server);
        awaitBegun(1);
        get(session);
        pass(20_000);
        assertThat(get(session).asked.get()).isEqualTo(1);
        peer.say("anything more?");
        assertThat(peer.hear()).isEqualTo("bye");
        assertThat(peer.hear()).isNull();
        peer.close();
        awaitReasons(CloseReason.APPLICATION);
    }

    @Test
    void aSessionOnAWorkerThatIsReadyToEndHasEndedOfAge() throws Exception {
        Server server =
                start(lines().with(TEN_SECONDS).with(Workers.perConnection()).sessions(connection -> message -> {}));

        StreamPeer peer = dial(server);
        awaitBegun(1);
        pass(12_000);
        assertThat(peer.hear()).isNull();
        peer.close();
        awaitReasons(CloseReason.MAX_AGE);
    }

    @Test
    void aSessionThatDoesNotEndIsClosedAfterTwentyFiveSeconds() throws Exception {
        CompletableFuture<Asked> session = new CompletableFuture<>();
        Server server =
                start(lines().with(TEN_SECONDS).with(FirstByteTimeout.off()).sessions(connection -> {
                    Asked asked = new Asked(connection);
                    session.complete(asked);
                    return asked;
                }));

        StreamPeer peer = dial(server);
        awaitBegun(1);
        pass(30_000);
        assertThat(get(session).asked.get()).isEqualTo(1);
        assertThat(lives.reasons()).isEmpty();
        pass(6_000);
        assertThat(peer.hear()).isNull();
        peer.close();
        awaitReasons(CloseReason.MAX_AGE);
    }
}

package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.CloseReason;
import io.headrace.Connection;
import io.headrace.DrainReport;
import io.headrace.Exchange;
import io.headrace.Outcome;
import io.headrace.Server;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** How a server of streams stops. */
class DrainTest extends StreamTest {

    @Test
    void openExchangesEndAndTheirAnswersLeave() throws Exception {
        List<Exchange<String>> held = new CopyOnWriteArrayList<>();
        Server server = start(lines().handle((message, exchange) -> held.add(exchange)));

        List<StreamPeer> peers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            StreamPeer peer = dial(server);
            peer.send("one\ntwo\n");
            peers.add(peer);
        }
        await().until(() -> held.size() == 20);
        CompletableFuture<DrainReport> stopped = server.stop(PATIENCE);
        await().until(() -> server.state() == Server.State.DRAINING);
        held.forEach(exchange -> exchange.reply("answer"));
        for (StreamPeer peer : peers) {
            assertThat(peer.hearAll()).isEqualTo("answer\nanswer\n");
            peer.close();
        }

        DrainReport report = get(stopped);
        assertThat(report.graceful()).isEqualTo(10);
        assertThat(report.forced()).isZero();
        assertThat(report.droppedBytes()).isZero();
        assertThat(lives.reasons()).hasSize(10).containsOnly(CloseReason.DRAINED);
    }

    @Test
    void idlePeersAreLetGoAtOnce() throws Exception {
        Server server = start(lines().reply(message -> message));
        List<StreamPeer> peers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            peers.add(dial(server));
        }
        await().until(() -> lives.begun() == 100);
        CompletableFuture<DrainReport> stopped = server.stop(PATIENCE);
        for (StreamPeer peer : peers) {
            assertThat(peer.hear()).isNull();
            peer.close();
        }
        assertThat(get(stopped).graceful()).isEqualTo(100);
    }

    @Test
    void whoWaitsToBeAcceptedIsServed() throws Exception {
        for (int round = 0; round < 5; round++) {
            Server server = start(listen().onConnect(connection -> connection.sendAndClose("hello")));
            List<StreamPeer> peers = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                peers.add(dial(server));
            }
            CompletableFuture<DrainReport> stopped = server.stop(PATIENCE);
            for (StreamPeer peer : peers) {
                assertThat(peer.hearAll()).isEqualTo("hello");
                peer.close();
            }
            assertThat(get(stopped).forced()).isZero();
        }
    }

    @Test
    void nobodyIsLetInAnyMore() throws Exception {
        CompletableFuture<Exchange<String>> held = new CompletableFuture<>();
        Server server = start(lines().handle((message, exchange) -> held.complete(exchange)));
        StreamPeer peer = dial(server);
        peer.say("hold");
        get(held);
        var address = server.address();
        CompletableFuture<DrainReport> stopped = server.stop(PATIENCE);
        await().until(() -> {
            try {
                medium.dial(address).close();
                return false;
            } catch (IOException refused) {
                return true;
            }
        });
        get(held).reply("still answered");
        assertThat(peer.hear()).isEqualTo("still answered");
        peer.close();
        get(stopped);
    }

    @Test
    void theGraceEnds() throws Exception {
        List<Exchange<String>> held = new CopyOnWriteArrayList<>();
        Server server = start(lines().handle((message, exchange) -> held.add(exchange)));
        StreamPeer peer = dial(server);
        peer.say("never answered");
        await().until(() -> held.size() == 1);

        DrainReport report = get(server.stop(Duration.ofMillis(50)));
        assertThat(report.graceful()).isZero();
        assertThat(report.forced()).isEqualTo(1);
        assertThat(report.duration()).isGreaterThanOrEqualTo(Duration.ofMillis(50));
        assertThat(lives.reasons()).hasSize(1);
        assertThat(lives.get(0).reason()).isIn(CloseReason.DRAINED, CloseReason.FORCED);
        assertThat(held.get(0).outcome()).isEqualTo(Outcome.ABANDONED);
    }

    @Test
    void whatIsCutOffIsCounted() throws Exception {
        CompletableFuture<Connection<Object>> held = new CompletableFuture<>();
        Server server = start(listen().onConnect(held::complete));
        dialSmall(server);
        get(held).send(new byte[8 * 1_024 * 1_024]);
        await().until(() -> !get(held).writable());

        DrainReport report = get(server.stop(Duration.ofMillis(50)));
        assertThat(report.forced()).isEqualTo(1);
        assertThat(report.droppedBytes()).isBetween(1L, 8L * 1_024 * 1_024);
        assertThat(report.droppedBytes() + lives.get(0).sent()).isEqualTo(8 * 1_024 * 1_024);
    }

    @Test
    void aPeerInTheMiddleOfAFrameIsLetGo() throws Exception {
        Server server = start(lines().reply(message -> message));
        StreamPeer peer = dial(server);
        peer.send("whole\nhal");
        assertThat(peer.hear()).isEqualTo("whole");
        CompletableFuture<DrainReport> stopped = server.stop(PATIENCE);
        assertThat(peer.hear()).isNull();
        peer.close();
        assertThat(get(stopped).graceful()).isEqualTo(1);
    }

    @Test
    void requestsOnTheirWayAreAnsweredOrLeftWhole() throws Exception {
        Server server = start(lines().reply(message -> "answer " + message));
        StreamPeer peer = dial(server);
        peer.send("1\n2\n3\n");
        assertThat(hear(peer, 3)).containsExactly("answer 1", "answer 2", "answer 3");
        peer.send("4\n5\n");
        CompletableFuture<DrainReport> stopped = server.stop(PATIENCE);
        // Both, one or none: but no half of one, and no reset.
        assertThat(peer.hearAll()).isIn("answer 4\nanswer 5\n", "answer 4\n", "");
        peer.close();
        assertThat(get(stopped).forced()).isZero();
    }
}

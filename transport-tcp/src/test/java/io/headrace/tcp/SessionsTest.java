package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.CloseReason;
import io.headrace.Connection;
import io.headrace.Endpoint;
import io.headrace.LogCapture;
import io.headrace.Outcome;
import io.headrace.Server;
import io.headrace.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** One object with state for each connection. */
class SessionsTest extends StreamTest {

    /** Writes down what it is told. */
    private static class Diary implements Session<String> {
        final List<String> told = new CopyOnWriteArrayList<>();
        final Connection<String> connection;

        Diary(Connection<String> connection) {
            this.connection = connection;
        }

        @Override
        public void opened() {
            told.add("opened");
        }

        @Override
        public void received(String message) {
            told.add(message);
            switch (message) {
                case "close" -> connection.close();
                case "bye" -> connection.sendAndClose("bye");
                case "boom" -> throw new IllegalStateException("thrown on purpose");
                default -> connection.send(message);
            }
        }

        @Override
        public void closed(CloseReason reason) {
            told.add("closed " + reason.tag());
        }
    }

    private final List<Diary> diaries = new CopyOnWriteArrayList<>();

    private Diary diary(Connection<String> connection) {
        Diary diary = new Diary(connection);
        diaries.add(diary);
        return diary;
    }

    private void awaitTold(int session, String... expected) {
        await().until(() -> diaries.size() > session);
        await().untilAsserted(() -> assertThat(diaries.get(session).told).containsExactly(expected));
    }

    @Test
    void aSessionLivesOnce() throws Exception {
        Server server = start(lines().sessions(this::diary));

        StreamPeer peer = dial(server);
        peer.say("one");
        assertThat(peer.hear()).isEqualTo("one");
        peer.finish();
        assertThat(peer.hear()).isNull();
        awaitTold(0, "opened", "one", "closed peer_finished");
        assertThat(ended(Outcome.CONSUMED)).isEqualTo(1);
    }

    @Test
    void theApplicationCloses() throws Exception {
        Server server = start(lines().sessions(this::diary));

        StreamPeer peer = dial(server);
        peer.send("one\nbye\nnever seen\n");
        assertThat(peer.hearAll()).isEqualTo("one\nbye\n");
        peer.close();
        awaitTold(0, "opened", "one", "bye", "closed application");
    }

    @Test
    void closedWithInputUnreadIsNoReset() throws Exception {
        Server server = start(lines().sessions(this::diary));

        StreamPeer peer = dial(server);
        peer.send("one\nclose\n" + "more\n".repeat(10_000));
        assertThat(peer.hearAll()).isEqualTo("one\n");
        peer.close();
        awaitTold(0, "opened", "one", "close", "closed application");
    }

    @Test
    void aSessionThatThrowsIsClosedForThat() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            Server server = start(lines().sessions(this::diary));

            StreamPeer peer = dial(server);
            peer.send("one\nboom\ntwo\n");
            assertThat(peer.hearAll()).isEqualTo("one\n");
            peer.close();
            awaitTold(0, "opened", "one", "boom", "closed handler_failed");
            assertThat(log.warnings()).hasSize(1);
        }
    }

    @Test
    void aSessionThatCannotBeMadeIsClosedForThat() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            Server server = start(lines().sessions(connection -> {
                throw new IllegalStateException("thrown on purpose");
            }));

            StreamPeer peer = dial(server);
            peer.send("one\n");
            assertThat(peer.hearAll()).isEmpty();
            peer.close();
            awaitReasons(CloseReason.HANDLER_FAILED);
            assertThat(log.warnings()).hasSize(1);
        }
    }

    @Test
    void aSessionThatThrowsWhenOpenedOrClosedIsReportedOnce() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            Server server = start(lines().sessions(connection -> new Diary(connection) {
                @Override
                public void opened() {
                    throw new IllegalStateException("thrown on purpose");
                }

                @Override
                public void closed(CloseReason reason) {
                    throw new IllegalStateException("thrown on purpose");
                }
            }));

            StreamPeer peer = dial(server);
            assertThat(peer.hearAll()).isEmpty();
            peer.close();
            awaitReasons(CloseReason.HANDLER_FAILED);
            assertThat(log.warnings()).hasSize(1);
        }
    }

    @Test
    void aPeerThatResetsIsTold() throws Exception {
        Assumptions.assumeTrue(medium.resets());
        Server server = start(lines().sessions(this::diary));

        StreamPeer peer = dial(server);
        peer.say("one");
        assertThat(peer.hear()).isEqualTo("one");
        peer.reset();
        awaitTold(0, "opened", "one", "closed peer_reset");
    }

    @Test
    void aDrainIsTold() throws Exception {
        Server server = start(lines().sessions(this::diary));

        StreamPeer peer = dial(server);
        peer.say("one");
        peer.hear();
        CompletableFuture<?> stopped = server.stop(PATIENCE);
        assertThat(peer.hear()).isNull();
        peer.close();
        get(stopped);
        awaitTold(0, "opened", "one", "closed drained");
    }

    @Test
    void aCutIsTold() throws Exception {
        Server server = start(lines().sessions(this::diary));

        StreamPeer peer = dial(server);
        peer.say("one");
        peer.hear();
        get(server.stop(Duration.ZERO));
        assertThat(diaries.get(0).told).hasSize(3).contains("opened", "one");
        assertThat(diaries.get(0).told.get(2)).isIn("closed drained", "closed forced");
    }

    @Test
    void aSessionMaySendAfterItsPeerHasFinished() throws Exception {
        CompletableFuture<Connection<String>> finished = new CompletableFuture<>();
        Server server = start(lines().sessions(connection -> new Diary(connection) {
            @Override
            public boolean peerFinished() {
                finished.complete(connection);
                return false;
            }
        }));

        StreamPeer peer = dial(server);
        peer.send("one\n");
        peer.finish();
        Connection<String> connection = get(finished);
        assertThat(connection.send("two")).isTrue();
        assertThat(connection.sendAndClose("three")).isTrue();
        assertThat(peer.hearAll()).isEqualTo("one\ntwo\nthree\n");
        awaitReasons(CloseReason.APPLICATION);
    }

    @Test
    void aSessionMayTakeItsTimeToDrain() throws Exception {
        CompletableFuture<Connection<String>> draining = new CompletableFuture<>();
        Server server = start(lines().sessions(connection -> new Diary(connection) {
            @Override
            public boolean draining() {
                draining.complete(connection);
                return false;
            }
        }));

        StreamPeer peer = dial(server);
        peer.say("one");
        assertThat(peer.hear()).isEqualTo("one");
        CompletableFuture<?> stopped = server.stop(PATIENCE);
        Connection<String> connection = get(draining);
        peer.say("two"); // It is still served.
        assertThat(peer.hear()).isEqualTo("two");
        connection.sendAndClose("good-bye");
        assertThat(peer.hearAll()).isEqualTo("good-bye\n");
        peer.close();
        get(stopped);
        awaitReasons(CloseReason.APPLICATION);
    }

    @Test
    void otherThreadsPushInTheirOwnOrder() throws Exception {
        Server server = start(lines().sessions(this::diary));
        StreamPeer peer = dial(server);
        peer.say("hello");
        assertThat(peer.hear()).isEqualTo("hello");

        Connection<String> connection = diaries.get(0).connection;
        CountDownLatch together = new CountDownLatch(4);
        List<Thread> pushers = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            String name = t + ":";
            Thread pusher = new Thread(() -> {
                together.countDown();
                for (int i = 0; i < 200; i++) {
                    connection.send(name + i);
                }
            });
            pushers.add(pusher);
            pusher.start();
        }
        int[] next = new int[4];
        for (int i = 0; i < 800; i++) {
            String[] heard = peer.hear().split(":");
            int pusher = Integer.parseInt(heard[0]);
            assertThat(Integer.parseInt(heard[1])).isEqualTo(next[pusher]++);
        }
        for (Thread pusher : pushers) {
            pusher.join();
        }
    }

    @Test
    void aSessionSeesItsPeersAddress() throws Exception {
        Server server = start(lines().sessions(this::diary));

        StreamPeer peer = dial(server);
        peer.say("x");
        peer.hear();
        assertThat(diaries.get(0).connection.address()).isEqualTo(peer.address());
        assertThat(diaries.get(0).connection.localAddress()).isEqualTo(server.address());
    }

    @Test
    void everyoneIsToldOnceWhenAHundredLeaveAtOnce() throws Exception {
        Server server = start(lines().sessions(this::diary));
        List<StreamPeer> peers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            StreamPeer peer = dial(server);
            peer.say("hello");
            peers.add(peer);
        }
        for (StreamPeer peer : peers) {
            assertThat(peer.hear()).isEqualTo("hello");
            peer.close();
        }
        await().untilAsserted(() -> assertThat(diaries)
                .hasSize(100)
                .allSatisfy(diary ->
                        assertThat(diary.told).hasSize(3).last().asString().startsWith("closed")));
    }
}

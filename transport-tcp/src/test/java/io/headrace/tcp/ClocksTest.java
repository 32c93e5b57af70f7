package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.CloseReason;
import io.headrace.Connection;
import io.headrace.ConnectionInfo;
import io.headrace.Endpoint;
import io.headrace.Exchange;
import io.headrace.LogCapture;
import io.headrace.Server;
import io.headrace.Session;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** The clocks of streams, on a clock that the test moves: 30 s for the first byte, a frame or a write, 5 min of silence. */
class ClocksTest extends StreamTest {

    private void pass(long seconds) {
        clock.advance(Duration.ofSeconds(seconds));
    }

    private void awaitBegun(int connections) {
        await().until(() -> lives.begun() == connections);
    }

    private void awaitReceived(int bytes) {
        await().until(() -> lives.begun() > 0 && lives.get(0).received() == bytes);
    }

    @Test
    void whoSaysNothingIsLeftAfterThirtySeconds() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            Server server = start(lines().reply(message -> message));

            StreamPeer peer = dial(server);
            awaitBegun(1);
            pass(29);
            assertThat(lives.reasons()).isEmpty();
            assertThat(log.warnings()).isEmpty();
            pass(3);
            assertThat(peer.hear()).isNull(); // A clean end, no reset.
            peer.close();
            awaitReasons(CloseReason.FIRST_BYTE_TIMEOUT);
            assertThat(log.warnings()).hasSize(1);
            assertThat(log.warnings().get(0)).contains("nothing came within FirstByteTimeout");
        }
    }

    @Test
    void nobodyIsJudgedForATimeInWhichTheProcessWasStopped() throws Exception {
        Server server = start(lines().reply(message -> message));

        StreamPeer peer = dial(server);
        awaitBegun(1);
        clock.pause(Duration.ofMinutes(10));
        assertThat(lives.reasons()).isEmpty();
        peer.say("hello");
        assertThat(peer.hear()).isEqualTo("hello");
        pass(2);
        assertOpen(server);
    }

    private static void assertOpen(Server server) {
        await().untilAsserted(() -> assertThat(server.connections())
                .extracting(ConnectionInfo::state)
                .containsExactly(ConnectionInfo.State.OPEN)); // A loop that does not answer in a second is left out.
    }

    private void stopTheProcess() {
        clock.pause(Duration.ofMinutes(10));
    }

    @Test
    void theFirstByteMayComeAsMuchLaterAsTheProcessWasStopped() throws Exception {
        Server server = start(lines().reply(message -> message));

        StreamPeer peer = dial(server);
        awaitBegun(1);
        pass(20);
        stopTheProcess();
        pass(8);
        assertOpen(server);
        pass(4);
        assertThat(peer.hear()).isNull();
        peer.close();
        awaitReasons(CloseReason.FIRST_BYTE_TIMEOUT);
    }

    @Test
    void silenceWhileTheProcessWasStoppedIsNoSilence() throws Exception {
        Server server = start(lines().reply(message -> message));

        StreamPeer peer = dial(server);
        peer.say("hello");
        assertThat(peer.hear()).isEqualTo("hello");
        pass(240);
        stopTheProcess();
        pass(50);
        assertOpen(server);
        pass(30);
        assertThat(peer.hear()).isNull();
        peer.close();
        awaitReasons(CloseReason.IDLE_TIMEOUT);
    }

    @Test
    void aFrameHasAsMuchMoreTimeAsTheProcessWasStopped() throws Exception {
        Server server = start(lines().reply(message -> message));

        StreamPeer peer = dial(server);
        peer.send("x");
        awaitReceived(1);
        pass(10);
        stopTheProcess();
        peer.send("y");
        awaitReceived(2);
        pass(18);
        assertOpen(server);
        pass(4);
        assertThat(peer.hear()).isNull();
        peer.close();
        awaitReasons(CloseReason.FRAME_TIMEOUT);
    }

    @Test
    void whatTheProcessWasStoppedForIsNoStall() throws Exception {
        CompletableFuture<Connection<Object>> held = new CompletableFuture<>();
        Server server = start(listen().onConnect(held::complete));

        StreamPeer peer = dialSmall(server);
        get(held).send(new byte[8 * 1_024 * 1_024]);
        await().until(() -> !get(held).writable());
        pass(10);
        stopTheProcess();
        pass(15);
        assertOpen(server);
        await().until(() -> {
            pass(6);
            return lives.reasons().equals(List.of(CloseReason.WRITE_STALLED));
        });
        peer.close();
    }

    @Test
    void whoWasGreetedMayBeSilent() throws Exception {
        Server server = start(listen().onConnect(connection -> connection.send("hello")));

        StreamPeer peer = dial(server);
        assertThat(peer.receive(5)).hasSize(5);
        pass(120);
        assertThat(lives.reasons()).isEmpty();
    }

    @Test
    void fiveMinutesOfSilenceBothWaysEndIt() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            CompletableFuture<Connection<String>> held = new CompletableFuture<>();
            Server server = start(lines().sessions(connection -> {
                held.complete(connection);
                return message -> connection.send(message);
            }));

            StreamPeer peer = dial(server);
            peer.say("hello");
            assertThat(peer.hear()).isEqualTo("hello");
            pass(240);
            get(held).send("push"); // Traffic in either direction counts.
            assertThat(peer.hear()).isEqualTo("push");
            pass(240);
            peer.say("hello");
            assertThat(peer.hear()).isEqualTo("hello");
            pass(240);
            assertThat(lives.reasons()).isEmpty();
            pass(80);
            assertThat(peer.hear()).isNull();
            peer.close();
            awaitReasons(CloseReason.IDLE_TIMEOUT);
            assertThat(log.warnings()).hasSize(1);
            assertThat(log.warnings().get(0)).contains("no byte either way within IdleTimeout");
        }
    }

    @Test
    void aFrameThatDripsEndsAfterThirtySeconds() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            Server server = start(lines().reply(message -> message));

            StreamPeer peer = dial(server);
            for (int i = 1; i <= 3; i++) {
                peer.send("x");
                awaitReceived(i);
                pass(9);
            }
            assertThat(lives.reasons()).isEmpty();
            peer.send("x");
            awaitReceived(4);
            pass(7);
            assertThat(peer.hear()).isNull();
            peer.close();
            awaitReasons(CloseReason.FRAME_TIMEOUT);
            assertThat(log.warnings()).hasSize(1);
        }
    }

    @Test
    void eachFrameHasItsOwnThirtySeconds() throws Exception {
        Server server = start(lines().reply(message -> message));

        StreamPeer peer = dial(server);
        for (int i = 0; i < 5; i++) {
            peer.send("x");
            int received = 1 + 3 * i;
            awaitReceived(received);
            pass(20);
            peer.send("x\n");
            assertThat(peer.hear()).isEqualTo("xx");
            pass(5);
        }
        assertThat(lives.reasons()).isEmpty();
    }

    @Test
    void frameAfterFrameWithoutAPauseIsNoDrip() throws Exception {
        Server server = start(lines().reply(message -> message));

        StreamPeer peer = dial(server);
        peer.send("x");
        awaitReceived(1);
        for (int i = 0; i < 10; i++) {
            pass(20);
            peer.send("\nx"); // The end of one and the beginning of the next, always with a frame open.
            assertThat(peer.hear()).isEqualTo("x");
        }
        assertThat(lives.reasons()).isEmpty();
    }

    @Test
    void aFrameThatNobodyWantsYetIsNotThePeersDelay() throws Exception {
        List<Exchange<String>> held = new CopyOnWriteArrayList<>();
        Server server = start(lines().handle((message, exchange) -> held.add(exchange)));

        StreamPeer peer = dial(server);
        peer.send("x\n".repeat(200));
        await().until(() -> held.size() == 128);
        pass(120);
        assertThat(lives.reasons()).isEmpty();
        for (int i = 0; i < 200; i++) {
            int next = i;
            await().until(() -> held.size() > next);
            held.get(i).reply("answer");
        }
        assertThat(hear(peer, 200)).containsOnly("answer");
    }

    @Test
    void anExchangeThatTakesLongIsNotThePeersDelay() throws Exception {
        List<Exchange<String>> held = new CopyOnWriteArrayList<>();
        Server server = start(lines().handle((message, exchange) -> held.add(exchange)));

        StreamPeer peer = dial(server);
        peer.say("think");
        await().until(() -> held.size() == 1);
        pass(240);
        held.get(0).reply("42");
        assertThat(peer.hear()).isEqualTo("42");
    }

    @Test
    void aFrameThatIsOpenWhileWeDoNotReadIsNotThePeersDelay() throws Exception {
        CompletableFuture<Connection<String>> held = new CompletableFuture<>();
        Server server = start(lines().with(WriteTimeout.off()).sessions(connection -> {
            held.complete(connection);
            return message -> {};
        }));

        StreamPeer peer = dialSmall(server);
        peer.send("hel");
        awaitReceived(3);
        get(held).send("x".repeat(8 * 1_024 * 1_024));
        await().until(() -> !get(held).writable()); // So its peer is not read.
        pass(60);
        assertOpen(server);
    }

    @Test
    void whoTakesNothingForThirtySecondsIsCutOff() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            CompletableFuture<Connection<Object>> held = new CompletableFuture<>();
            Server server = start(listen().onConnect(held::complete));

            StreamPeer peer = dialSmall(server);
            peer.send("x"); // So that the first byte has come.
            awaitReceived(1);
            get(held).send(new byte[8 * 1_024 * 1_024]);
            await().until(() -> !get(held).writable());
            pass(2); // The sweep sees that bytes wait.
            pass(27);
            assertThat(lives.reasons()).isEmpty();
            await().until(
                            () -> { // The system may have taken some more after the first look.
                                pass(6);
                                return lives.reasons().equals(List.of(CloseReason.WRITE_STALLED));
                            });
            assertThat(log.warnings()).hasSize(1);
            peer.close();
        }
    }

    @Test
    void whoTakesABitNowAndThenIsSlowAndNotStalled() throws Exception {
        CompletableFuture<Connection<Object>> held = new CompletableFuture<>();
        Server server = start(listen().onConnect(held::complete));

        StreamPeer peer = dialSmall(server);
        get(held).send(new byte[8 * 1_024 * 1_024]);
        await().until(() -> !get(held).writable());
        for (int i = 0; i < 10; i++) {
            receive(peer, 512 * 1_024);
            pass(10);
        }
        assertThat(lives.reasons()).isEmpty();
        receive(peer, 3 * 1_024 * 1_024);
        get(held).close();
        assertThat(peer.receiveAll()).isEmpty();
    }

    private static void receive(StreamPeer peer, int bytes) throws IOException {
        for (int received = 0; received < bytes; ) {
            byte[] some = peer.receive(bytes - received);
            assertThat(some).isNotEmpty();
            received += some.length;
        }
    }

    @Test
    void whatIsTurnedOffDoesNotEndAnything() throws Exception {
        Server server = start(lines().with(FirstByteTimeout.off())
                .with(IdleTimeout.off())
                .with(FrameTimeout.off())
                .reply(message -> message));

        StreamPeer silent = dial(server);
        StreamPeer dripping = dial(server);
        dripping.send("x");
        await().until(() -> lives.begun() == 2);
        pass(3_600);
        silent.say("still here");
        assertThat(silent.hear()).isEqualTo("still here");
        dripping.say("y");
        assertThat(dripping.hear()).isEqualTo("xy");
    }

    @Test
    void anIdlePeerThatHasFinishedAndWasNotLetGoStillEnds() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            Server server = start(lines().sessions(connection -> new Session<String>() {
                @Override
                public void received(String message) {}

                @Override
                public boolean peerFinished() {
                    return false;
                }
            }));

            StreamPeer peer = dial(server);
            peer.say("hello");
            peer.finish();
            awaitReceived(6);
            pass(320);
            assertThat(peer.hear()).isNull();
            awaitReasons(CloseReason.IDLE_TIMEOUT);
            assertThat(log.warnings()).hasSize(1);
        }
    }
}

package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.CloseReason;
import io.headrace.Codec;
import io.headrace.Connection;
import io.headrace.Endpoint;
import io.headrace.LogCapture;
import io.headrace.Loops.Backend;
import io.headrace.Meter;
import io.headrace.Server;
import io.headrace.Slot;
import io.headrace.Stage;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Servers that speak to whoever connects and do not listen. */
class GreetingTest extends StreamTest {
    private static final String GREETING = "Thank you for connecting";

    // Linux, where what is greeted is corked.
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_CORK = 3;
    private static final int STATE_CLOSE_WAIT = 8;
    private static final int SEGMENTS_RECEIVED = 140;

    @Override
    Lives lives() {
        return Lives.ofAll();
    }

    @Test
    void whoConnectsIsGreetedAndLeft() throws Exception {
        Server server = start(listen().onConnect(connection -> connection.sendAndClose(GREETING)));

        for (int i = 0; i < 20; i++) {
            StreamPeer peer = dial(server);
            assertThat(peer.hearAll()).isEqualTo(GREETING);
            peer.close();
        }
        await().untilAsserted(() -> assertThat(lives.reasons()).hasSize(20).containsOnly(CloseReason.APPLICATION));
        assertThat(total(Meter.CONNECTIONS_ACCEPTED)).isEqualTo(20);
        assertThat(total(Meter.CONNECTIONS_ACTIVE)).isZero();
        assertThat(total(Meter.DATA_SENT)).isEqualTo(20 * GREETING.length());
        assertThat(closed(CloseReason.APPLICATION)).isEqualTo(20);
    }

    @Test
    void whoSpeaksFirstAndIsNeverReadIsGreetedWhole() throws Exception {
        Server server = start(listen().onConnect(connection -> connection.sendAndClose(GREETING)));

        byte[] unasked = new byte[64 * 1_024];
        for (int i = 0; i < 50; i++) {
            StreamPeer peer = dial(server);
            peer.send(unasked);
            assertThat(peer.hearAll()).isEqualTo(GREETING);
            peer.close();
        }
        await().untilAsserted(() -> assertThat(lives.reasons()).hasSize(50).containsOnly(CloseReason.APPLICATION));
    }

    /** The clock stands still: it is not the second that ends it. */
    @Test
    void whoSendsOnForEverAfterItsGreetingIsCutOffAndCounted() throws Exception {
        Server server = start(listen().onConnect(connection -> connection.sendAndClose(GREETING)));

        StreamPeer peer = dial(server);
        assertThat(peer.hearAll()).isEqualTo(GREETING);
        assertThat(peer.isCutOffBefore(64 * 1_024 * 1_024)).isTrue();
        awaitReasons(CloseReason.APPLICATION);
        assertThat(total(Meter.DATA_RECEIVED)).isBetween(256.0 * 1_024, 2.0 * 1_024 * 1_024);
        assertThat(total(Meter.LINGER_ABORTED)).isEqualTo(1);
    }

    @Test
    void whoStaysSilentAfterItsGreetingIsCutOffAfterASecondAndCounted() throws Exception {
        Server server = start(listen().onConnect(connection -> connection.sendAndClose(GREETING)));

        StreamPeer leaves = dial(server);
        assertThat(leaves.hearAll()).isEqualTo(GREETING);
        leaves.close();
        awaitReasons(CloseReason.APPLICATION);
        assertThat(total(Meter.LINGER_ABORTED)).isZero();
        StreamPeer stays = dial(server);
        assertThat(stays.hearAll()).isEqualTo(GREETING);
        await().untilAsserted(() -> {
            clock.advance(Duration.ofMillis(1_100)); // It may have begun to linger a moment ago.
            assertThat(lives.reasons()).hasSize(2);
        });
        assertThat(total(Meter.LINGER_ABORTED)).isEqualTo(1);
    }

    @Test
    void whoFinishesFirstIsGreetedAllTheSame() throws Exception {
        Server server = start(listen().onConnect(connection -> connection.sendAndClose(GREETING)));

        for (int i = 0; i < 20; i++) {
            StreamPeer peer = dial(server);
            peer.finish();
            assertThat(peer.hearAll()).isEqualTo(GREETING);
        }
        await().untilAsserted(() -> assertThat(lives.reasons()).hasSize(20).containsOnly(CloseReason.APPLICATION));
    }

    @Test
    void aGreetingOfAMegabyteArrivesWhole() throws Exception {
        byte[] greeting = new byte[1_024 * 1_024];
        Server server = start(listen().onConnect(connection -> connection.sendAndClose(greeting)));

        StreamPeer peer = dialSmall(server);
        int received = 0;
        for (byte[] some; (some = peer.receive(10_000)).length > 0; ) {
            received += some.length;
        }
        assertThat(received).isEqualTo(greeting.length);
        peer.close();
        awaitReasons(CloseReason.APPLICATION);
        assertThat(total(Meter.DATA_SENT)).isEqualTo(greeting.length);
    }

    @Test
    void severalMessagesArriveInOrderBeforeTheEnd() throws Exception {
        Server server = start(listen().with(Framing.lines()).codec(Codec.utf8()).onConnect(connection -> {
            connection.send("one");
            connection.send("two");
            connection.sendAndClose("three");
        }));

        assertThat(dial(server).hearAll()).isEqualTo("one\ntwo\nthree\n");
    }

    @Test
    void sentAndClosedLaterFromAnotherThread() throws Exception {
        CompletableFuture<Connection<Object>> greeted = new CompletableFuture<>();
        Server server = start(listen().onConnect(greeted::complete));

        StreamPeer peer = dial(server);
        Connection<Object> connection = get(greeted);
        assertThat(connection.send("now ")).isTrue();
        assertThat(connection.sendAndClose("then")).isTrue();
        assertThat(peer.hearAll()).isEqualTo("now then");
        peer.close();
        assertThat(get(connection.closed())).isEqualTo(CloseReason.APPLICATION);
        assertThat(connection.send("too late")).isFalse();
        assertThat(connection.sendAndClose("too late")).isFalse();
        assertThat(connection.writable()).isFalse();
    }

    @Test
    void closedWithoutAWord() throws Exception {
        Server server = start(listen().onConnect(Connection::close));

        StreamPeer peer = dial(server);
        assertThat(peer.hearAll()).isEmpty();
        peer.close();
        awaitReasons(CloseReason.APPLICATION);
    }

    @Test
    void aGreetingThatThrowsCostsOnlyItsConnection() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            List<Integer> turn = Collections.synchronizedList(new ArrayList<>());
            Server server = start(listen().onConnect(connection -> {
                turn.add(0);
                if (turn.size() == 1) {
                    throw new IllegalStateException("thrown on purpose");
                }
                connection.sendAndClose(GREETING);
            }));

            StreamPeer first = dial(server);
            assertThat(first.hearAll()).isEmpty();
            first.close();
            awaitReasons(CloseReason.HANDLER_FAILED);
            assertThat(dial(server).hearAll()).isEqualTo(GREETING);
            assertThat(log.warnings()).hasSize(1);
        }
    }

    @Test
    void aGreetingThatCannotBeEncodedIsAFault() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            Server server = start(listen().onConnect(connection -> connection.sendAndClose(42)));

            StreamPeer peer = dial(server);
            assertThat(peer.hearAll()).isEmpty();
            peer.close();
            awaitReasons(CloseReason.HANDLER_FAILED);
            assertThat(log.warnings()).hasSize(1);
        }
    }

    @Test
    void aFeedGoesOnWhileItsPeerListens() throws Exception {
        CompletableFuture<Connection<Object>> greeted = new CompletableFuture<>();
        Server server = start(listen().onConnect(greeted::complete));

        StreamPeer peer = dial(server);
        peer.finish(); // It has no more to say and goes on listening.
        Connection<Object> feed = get(greeted);
        for (int i = 0; i < 100; i++) {
            assertThat(feed.send("tick ")).isTrue();
        }
        feed.close();
        assertThat(peer.hearAll()).isEqualTo("tick ".repeat(100));
        awaitReasons(CloseReason.APPLICATION);
    }

    @Test
    void whoLeavesAFeedIsNoticed() throws Exception {
        CompletableFuture<Connection<Object>> greeted = new CompletableFuture<>();
        Server server = start(listen().onConnect(greeted::complete));

        StreamPeer peer = dial(server);
        Connection<Object> feed = get(greeted);
        peer.close();
        await().until(() -> !feed.send("tick"));
        await().untilAsserted(() -> assertThat(lives.reasons()).hasSize(1));
    }

    @Test
    void theGreetingKnowsBothAddresses() throws Exception {
        List<SocketAddress> addresses = new CopyOnWriteArrayList<>();
        Server server = start(listen().onConnect(connection -> {
            addresses.add(connection.address());
            addresses.add(connection.localAddress());
            connection.close();
        }));

        StreamPeer peer = dial(server);
        peer.hearAll();
        assertThat(addresses).containsExactly(peer.address(), server.address());
    }

    @Test
    void handlersOnTheLineSeeTheGreeting() throws Exception {
        Server server = start(listen().with(Stage.netty(Slot.WIRE, "pass", ChannelDuplexHandler::new))
                .with(Framing.lines())
                .onConnect(connection -> connection.sendAndClose(GREETING)));

        StreamPeer peer = dial(server);
        assertThat(peer.hearAll()).isEqualTo(GREETING + "\n");
        peer.close();
        awaitReasons(CloseReason.APPLICATION);
        assertThat(total(Meter.DATA_SENT)).isEqualTo(GREETING.length() + 1);
    }

    @Test
    void whoNeverLeavesIsCutOffAfterASecond() throws Exception {
        Server server = start(listen().onConnect(connection -> connection.sendAndClose(GREETING)));

        StreamPeer peer = dial(server);
        assertThat(peer.hearAll()).isEqualTo(GREETING);
        assertThat(lives.reasons()).isEmpty();
        clock.advance(Duration.ofSeconds(2));
        awaitReasons(CloseReason.APPLICATION);
    }

    @Test
    void theGreetingAndTheEndLeaveAsOneSegment() throws Exception {
        Assumptions.assumeTrue(corked());
        Server server = start(listen().onConnect(connection -> connection.sendAndClose(GREETING)));

        Socket peer = Socket.newSocketStream();
        try {
            peer.connect(server.address());
            await().until(() -> RawTcpInfo.of(peer).state() == STATE_CLOSE_WAIT);
            assertThat(RawTcpInfo.of(peer).number(SEGMENTS_RECEIVED))
                    .as("the handshake's, and one more")
                    .isEqualTo(2);
        } finally {
            peer.close();
        }
        awaitReasons(CloseReason.APPLICATION);
    }

    @Test
    void whatIsMoreThanAGreetingIsNotHeldBack() throws Exception {
        Assumptions.assumeTrue(corked());
        CompletableFuture<Connection<Object>> greeted = new CompletableFuture<>();
        Server server = start(listen().onConnect(connection -> {
            connection.send("first ");
            greeted.complete(connection);
        }));

        StreamPeer peer = dial(server);
        Socket socket = ((OnSocket) get(greeted)).socket();
        assertThat(socket.getIntOpt(IPPROTO_TCP, TCP_CORK)).isZero();
        get(greeted).sendAndClose("last");
        assertThat(peer.hearAll()).isEqualTo("first last");
    }

    /** Whether greetings go the short way, through a descriptor that is corked. */
    boolean corked() {
        return medium.family() == Medium.Family.TCP && medium.backend() == Backend.EPOLL;
    }

    @Test
    void manyAreGreetedAtOnce() throws Exception {
        Server server = start(listen().onConnect(connection -> connection.sendAndClose(GREETING)));

        List<StreamPeer> peers = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            peers.add(dial(server));
        }
        for (StreamPeer peer : peers) {
            assertThat(peer.hearAll()).isEqualTo(GREETING);
            peer.close();
        }
        await().untilAsserted(() -> assertThat(lives.reasons()).hasSize(200));
    }

    @Test
    void whoResetsBeforeTheGreetingIsNoTrouble() throws Exception {
        Assumptions.assumeTrue(medium.resets());
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            Server server = start(listen().onConnect(connection -> connection.sendAndClose(GREETING)));

            for (int i = 0; i < 50; i++) {
                dial(server).reset();
            }
            StreamPeer peer = dial(server);
            assertThat(peer.hearAll()).isEqualTo(GREETING);
            peer.close();
            await().untilAsserted(
                            () -> assertThat(total(Meter.CONNECTIONS_ACTIVE)).isZero());
            assertThat(log.warnings()).isEmpty();
        } catch (IOException resetWhileConnecting) {
            throw new AssertionError(resetWhileConnecting);
        }
    }
}

package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.Application;
import io.headrace.Attribute;
import io.headrace.ChannelStage;
import io.headrace.CloseReason;
import io.headrace.Connection;
import io.headrace.ConnectionInfo;
import io.headrace.ConnectionInfo.State;
import io.headrace.Endpoint;
import io.headrace.Exchange;
import io.headrace.LogCapture;
import io.headrace.Server;
import io.headrace.Site;
import io.headrace.Slot;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What an operator sees of connections, and what they carry with them. */
class ConnectionsSeenTest extends StreamTest {
    private static final Attribute<String> NAME = Attribute.named("name");

    @Test
    void eachConnectionIsListedAsItIs() throws Exception {
        List<Exchange<String>> held = new CopyOnWriteArrayList<>();
        Server server = start(lines().handle((message, exchange) -> {
            if (message.equals("hold")) {
                held.add(exchange);
            } else {
                exchange.reply(message);
            }
        }));
        StreamPeer first = dial(server);
        first.say("12345");
        assertThat(first.hear()).isEqualTo("12345");
        StreamPeer second = dial(server);
        second.say("hold");
        await().until(() -> held.size() == 1);
        clock.advance(Duration.ofSeconds(3));

        List<ConnectionInfo> seen = server.connections();
        assertThat(seen).hasSize(2).isEqualTo(server.connections("contract"));
        ConnectionInfo one = seen.get(0);
        assertThat(one.address()).isEqualTo(first.address());
        assertThat(one.endpoint()).isEqualTo("contract");
        assertThat(one.age()).isEqualTo(Duration.ofSeconds(3));
        assertThat(one.receivedBytes()).isEqualTo(6);
        assertThat(one.sentBytes()).isEqualTo(6);
        assertThat(one.pendingBytes()).isZero();
        assertThat(one.openExchanges()).isZero();
        assertThat(one.state()).isEqualTo(State.OPEN);
        ConnectionInfo two = seen.get(1);
        assertThat(two.id()).isGreaterThan(one.id());
        assertThat(two.openExchanges()).isEqualTo(1);
        assertThat(two.receivedBytes()).isEqualTo(5);
    }

    @Test
    void whatWaitsForAPeerIsSeen() throws Exception {
        CompletableFuture<Connection<Object>> opened = new CompletableFuture<>();
        Server server = start(listen().onConnect(opened::complete));
        dialSmall(server);
        get(opened).send(new byte[8 * 1_024 * 1_024]);
        await().until(() -> !get(opened).writable());
        get(opened).close();

        await().until(() -> server.connections().stream().anyMatch(one -> one.state() == State.ENDING));
        ConnectionInfo seen = server.connections().get(0);
        assertThat(seen.pendingBytes()).isPositive();
        assertThat(seen.sentBytes() + seen.pendingBytes()).isEqualTo(8 * 1_024 * 1_024);
    }

    @Test
    void oneIsFoundAndClosedByHand() throws Exception {
        Server server = start(lines().reply(message -> message));
        StreamPeer stays = dial(server);
        stays.say("x");
        assertThat(stays.hear()).isEqualTo("x");
        StreamPeer goes = dial(server);
        goes.say("x");
        assertThat(goes.hear()).isEqualTo("x");
        long id = server.connections().get(1).id();

        Connection<?> found = server.connection(id).orElseThrow();
        assertThat(found.id()).isEqualTo(id);
        found.close();
        assertThat(goes.hear()).isNull();
        goes.close();
        awaitReasons(CloseReason.APPLICATION);
        assertThat(server.connection(id)).isEmpty();
        stays.say("y");
        assertThat(stays.hear()).isEqualTo("y");
    }

    @Test
    void moreThanOneTurnCanLookAtAreAllSeenOnce() throws Exception {
        Server server = start(linesOnOneLoop().reply(message -> message));
        List<StreamPeer> peers = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            peers.add(dial(server));
        }
        await().until(() -> lives.begun() == 600);
        List<ConnectionInfo> seen = server.connections();
        assertThat(seen).hasSize(600);
        assertThat(seen.stream().map(ConnectionInfo::id))
                .doesNotHaveDuplicates()
                .isSorted();
        for (StreamPeer peer : peers) {
            peer.close();
        }
    }

    @Test
    void whoEndsBetweenTwoTurnsMakesNobodyElseMissedOrMetTwice() throws Exception {
        Assumptions.assumeTrue(medium.equals(Medium.IN_MEMORY)); // Which closes at once, so the order is known.
        var plan = Medium.plan(medium.listening()).loops(loops.threads(1)).with(lives);
        try (DrivenListener driven = DrivenListener.listen(plan, Application.consume(message -> {}))) {
            for (int i = 0; i < 300; i++) {
                closing(medium.dial(driven.address()));
            }
            await().until(() -> lives.begun() == 300);
            StreamLoop<?, ?> loop = ((StreamListener) driven.steps()).loops().get(0);
            CompletableFuture<List<ConnectionInfo>> survey = loop.open()
                    .eventLoop()
                    .submit(() -> {
                        CompletableFuture<List<ConnectionInfo>> begun = Survey.of(loop); // The last 256.
                        for (int i = 0; i < 40; i++) { // The last, which were seen, take their places.
                            loop.connection(i).cut(CloseReason.FORCED);
                        }
                        return begun;
                    })
                    .get();
            assertThat(get(survey)).extracting(ConnectionInfo::id).hasSize(260).doesNotHaveDuplicates();
            assertThat(driven.steps().connections(PATIENCE.toNanos())).hasSize(260);
        }
    }

    @Test
    void aBlockedLoopIsLeftOutAndNamed() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch blocked = new CountDownLatch(1);
        Application<ByteBuf, Object> blocking = Application.consume(message -> {
            blocked.countDown();
            awaitQuietly(release);
        });
        try (LogCapture log = LogCapture.of(Endpoint.class);
                DrivenListener driven =
                        DrivenListener.listen(Medium.plan(medium.listening()).loops(loops.threads(1)), blocking)) {
            StreamPeer peer = closing(medium.dial(driven.address()));
            peer.say("block");
            blocked.await();
            assertThat(driven.steps().connections(1_000_000)).isEmpty();
            assertThat(log.warnings()).hasSize(1);
            assertThat(log.warnings().get(0))
                    .contains(": blocked: event loop contract-")
                    .endsWith("-1 is blocked: asked for its connections, it has said nothing for 1 ms");
            release.countDown();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException never) {
            throw new AssertionError(never);
        }
    }

    @Test
    void aServerThatHasStoppedHasNoConnections() throws Exception {
        Server server = start(lines().reply(message -> message));
        dial(server).close();
        get(server.stop(PATIENCE));
        assertThat(server.connections()).isEmpty();
        assertThat(server.connection(1)).isEmpty();
    }

    @Test
    void anAttributeStaysWithItsConnection() throws Exception {
        Server server = start(lines().handle((message, exchange) -> {
            Connection<String> me = (Connection<String>) exchange.peer();
            exchange.reply(String.valueOf(me.set(NAME, message)));
        }));
        StreamPeer ada = dial(server);
        ada.say("ada");
        assertThat(ada.hear()).isEqualTo("null");
        StreamPeer grace = dial(server);
        grace.say("grace");
        assertThat(grace.hear()).isEqualTo("null");
        ada.say("lovelace");
        assertThat(ada.hear()).isEqualTo("ada");
        long id = server.connections().get(1).id();
        assertThat(server.connection(id).orElseThrow().get(NAME)).isEqualTo("grace");
    }

    /** Knows something about each connection from the start. */
    private record Naming() implements ChannelStage<Channel> {
        @Override
        public Slot slot() {
            return Slot.PEER;
        }

        @Override
        public PerLoop<Channel> open(Site site) {
            return loop -> (channel, line) -> line.connection().set(NAME, "named by a stage");
        }
    }

    @Test
    void whatAStageSetsAHandlerFinds() throws Exception {
        Server server = start(lines().with(new Naming()).handle((message, exchange) -> {
            Connection<String> me = (Connection<String>) exchange.peer();
            exchange.reply(me.get(NAME));
        }));
        StreamPeer peer = dial(server);
        peer.say("who am I?");
        assertThat(peer.hear()).isEqualTo("named by a stage");
    }

    @Test
    void whatIsSetBeforeAGreetingGrowsIsStillThereAfterwards() throws Exception {
        List<Long> ids = new CopyOnWriteArrayList<>();
        CompletableFuture<Connection<Object>> opened = new CompletableFuture<>();
        // Without a stage on the line, so that epoll takes its short way.
        Server server = start(
                Medium.setup(medium.listening()).named("contract").loops(loops).onConnect(connection -> {
                    ids.add(connection.id());
                    connection.set(NAME, "early");
                    opened.complete(connection);
                }));
        closing(medium.dial(server.address()));
        Connection<Object> connection = get(opened);
        await().until(() -> server.connections().size() == 1);
        assertThat(connection.get(NAME)).isEqualTo("early");
        assertThat(connection.set(NAME, "late")).isEqualTo("early");
        assertThat(server.connections().get(0).id()).isEqualTo(ids.get(0)).isEqualTo(connection.id());
        assertThat(server.connection(ids.get(0)).orElseThrow().get(NAME)).isEqualTo("late");
    }
}

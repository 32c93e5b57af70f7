package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headrace.Application;
import io.headrace.Connection;
import io.headrace.Endpoint;
import io.headrace.LogCapture;
import io.headrace.Meter;
import io.headrace.Plan;
import io.headrace.Refusal;
import io.headrace.RejectReason;
import io.headrace.Server;
import io.headrace.stage.Metrics;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** How those are refused who may not come in to a stream endpoint, and who waits. */
class RefusalsTest extends GatedTest {

    @Test
    void whoIsRefusedFindsTheEndAndNoReset() throws Exception {
        Server server = start(echo(ConnectionLimit.of(1)));
        admitted(server, 1);

        for (int i = 0; i < 50; i++) {
            StreamPeer refused = dial(server);
            try {
                refused.send(new byte[8 * 1_024]);
            } catch (IOException tooLate) {
                // Unix sockets do not take what nobody will read.
                assertThat(medium.resets()).isFalse();
            }
            assertThat(refused.receiveAll()).isEmpty();
            refused.close();
        }
        assertThat(rejected(RejectReason.LIMIT)).isEqualTo(50);
    }

    @Test
    void whoIsRefusedIsToldWhy() throws Exception {
        Server server = start(echo(ConnectionLimit.of(1).refusing(Refusal.saying("come back later\n"))));
        admitted(server, 1);

        for (int i = 0; i < 20; i++) {
            StreamPeer refused = dial(server);
            assertThat(refused.hear()).isEqualTo("come back later");
            assertThat(refused.hear()).isNull();
            refused.close();
        }
    }

    @Test
    void whoIsRefusedIsReset() throws Exception {
        Assumptions.assumeTrue(medium.family() == Medium.Family.TCP);
        Server server = start(echo(ConnectionLimit.of(1).refusing(Refusal.resetting())));
        admitted(server, 1);

        // Its reset may come before connect(2) has returned.
        assertThatThrownBy(() -> dial(server).receiveAll())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("reset");
    }

    @Test
    void whoIsRefusedAndStaysIsCutOffInTime() throws Exception {
        Assumptions.assumeTrue(medium.family() != Medium.Family.IN_MEMORY, "no descriptors to look at");
        Server server = start(echo(ConnectionLimit.of(1)));
        admitted(server, 1);

        StreamPeer stays = dial(server);
        assertThat(stays.hear()).isNull();
        int lingering = descriptors().size();
        await().untilAsserted(() -> {
            clock.advance(Duration.ofSeconds(1)); // It may have begun to linger a moment ago.
            assertThat(descriptors()).hasSize(lingering - 1);
        });
    }

    /** The clock stands still: it is not the second that ends it. */
    @Test
    void whoIsRefusedAndSendsOnForEverIsCutOffAndCounted() throws Exception {
        Assumptions.assumeTrue(medium.family() != Medium.Family.UNIX, "there nobody can send to who has shut down");
        Server server = start(echo(ConnectionLimit.of(1)));
        admitted(server, 1);

        StreamPeer goesOn = dial(server);
        assertThat(goesOn.isCutOffBefore(64 * 1_024 * 1_024)).isTrue();
        await().untilAsserted(() -> assertThat(total(Meter.LINGER_ABORTED)).isEqualTo(1));
    }

    @Test
    void refusedPeersThatStayAreBounded() throws Exception {
        Assumptions.assumeTrue(medium.family() == Medium.Family.TCP);
        Server server = start(echo(ConnectionLimit.of(1)));
        admitted(server, 1);

        List<SocketChannel> stay = new ArrayList<>();
        for (int i = 0; i < 256; i++) {
            stay.add(closing(SocketChannel.open(server.address())));
        }
        await().until(() -> rejected(RejectReason.LIMIT) == 256);
        assertThatThrownBy(() -> dial(server).receiveAll()).isInstanceOf(IOException.class);
        for (SocketChannel each : stay) {
            each.close();
        }
        await().ignoreExceptions().untilAsserted(() -> {
            try (StreamPeer refused = dial(server)) {
                assertThat(refused.hear()).isNull();
            }
        });
    }

    @Test
    void whoMayWaitComesInWhenAPlaceIsFree() throws Exception {
        Server server = start(echo(ConnectionLimit.of(2).refusing(Refusal.waiting())));
        List<StreamPeer> inside = admitted(server, 2);

        List<StreamPeer> waiting = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            StreamPeer peer = dial(server);
            peer.say("waited");
            waiting.add(peer);
        }
        for (int i = 0; i < 6; i++) {
            inside.remove(0).close();
            StreamPeer next = waiting.get(i);
            assertThat(next.hear()).isEqualTo("waited");
            assertThat(total(Meter.CONNECTIONS_ACTIVE)).isLessThanOrEqualTo(2);
            inside.add(next);
        }
        for (RejectReason reason : RejectReason.values()) {
            assertThat(rejected(reason)).isZero();
        }
    }

    @Test
    void whoWaitsWhenTheServerStopsIsRefused() throws Exception {
        Server server = start(echo(ConnectionLimit.of(1).refusing(Refusal.waiting())));
        StreamPeer inside = admitted(server, 1).get(0);
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            StreamPeer waiting = dial(server);
            await().untilAsserted(() -> assertThat(log.warnings()).hasSize(1));
            assertThat(log.warnings().get(0)).contains("limit: ").contains(" may not come in: ");

            var stopped = server.stop(PATIENCE);
            assertThat(waiting.hear()).isNull();
            assertThat(inside.hear()).isNull();
            waiting.close();
            inside.close();
            get(stopped);
        }
    }

    @Test
    void whoIsHeldFindsTheEndWhenTheTimeIsOver() throws Exception {
        Server server = start(echo(ConnectionLimit.of(1).refusing(Refusal.holding(Duration.ofSeconds(30)))));
        admitted(server, 1);

        StreamPeer held = dial(server);
        held.say("hello?");
        oneMoreRefused(server, 2);
        CompletableFuture<byte[]> end = CompletableFuture.supplyAsync(() -> {
            try {
                return held.receiveAll();
            } catch (IOException reset) {
                throw new IllegalStateException(reset);
            }
        });
        clock.advance(Duration.ofSeconds(29));
        oneMoreRefused(server, 3);
        assertThat(end).isNotDone();
        clock.advance(Duration.ofSeconds(1));
        assertThat(get(end)).isEmpty();
    }

    /** So those before it have been seen off. */
    private void oneMoreRefused(Server server, int refused) throws IOException {
        dial(server);
        await().until(() -> rejected(RejectReason.LIMIT) == refused);
    }

    @Test
    void greetersRefuseToo() throws Exception {
        CopyOnWriteArrayList<Connection<Object>> greeted = new CopyOnWriteArrayList<>();
        Server server = start(Medium.setup(medium.listening())
                .loops(loops)
                .with(Metrics.to(registry))
                .with(ConnectionLimit.of(2).refusing(Refusal.saying("full")))
                .onConnect(greeted::add));

        StreamPeer first = dial(server);
        StreamPeer second = dial(server);
        await().until(() -> greeted.size() == 2);
        assertThat(dial(server).hearAll()).isEqualTo("full");
        greeted.forEach(connection -> connection.sendAndClose("hello"));
        assertThat(first.hearAll()).isEqualTo("hello");
        assertThat(second.hearAll()).isEqualTo("hello");
        first.close();
        second.close();
        await().until(() -> total(Meter.CONNECTIONS_ACTIVE) == 0);
        StreamPeer third = dial(server);
        await().until(() -> greeted.size() == 3);
        greeted.get(2).sendAndClose("hello");
        assertThat(third.hearAll()).isEqualTo("hello");
    }

    @Test
    void whoWaitsIsCountedOnceByTheGatesBefore() throws Exception {
        Barrier barrier = new Barrier();
        Server server = start(lines().with(AcceptRate.of(3, Duration.ofSeconds(3)))
                .with(ConnectionLimit.of(3))
                .with(barrier)
                .reply(message -> message));

        StreamPeer waits = dial(server);
        waits.say("in?");
        await().until(() -> barrier.asked.get() > 5);
        barrier.open.set(true);
        assertThat(waits.hear()).isEqualTo("in?");
        admitted(server, 2);
        assertThat(rejected(RejectReason.RATE) + rejected(RejectReason.LIMIT)).isZero();
    }

    @Test
    void whoWaitsGivesBackItsPlacesWhenTheServerStops() throws Exception {
        Door door = new Door(Refusal.finishing());
        Barrier barrier = new Barrier();
        Server server = start(lines().with(door).with(barrier).reply(message -> message));

        StreamPeer waits = dial(server);
        await().until(() -> barrier.asked.get() > 5);
        server.stop(PATIENCE);
        assertThat(waits.hear()).isNull();
        waits.close();
        await().untilAsserted(door::requireEmpty);
        assertThat(door.asked).hasSize(1);
    }

    @Test
    void whoWaitsWhenEverythingIsCutOffIsLetGo() throws Exception {
        for (int i = 0; i < 20; i++) {
            Barrier barrier = new Barrier();
            Plan<DuplexChannel, ByteBuf, Object> plan =
                    Medium.plan(medium.listening()).loops(loops).with(barrier);
            try (DrivenListener driven = DrivenListener.listen(plan, Application.consume(message -> {}))) {
                closing(medium.dial(driven.address()));
                await().until(() -> barrier.asked.get() > 0);
            }
        }
        await().until(() -> liveThreads().isEmpty()); // Nor is a descriptor left, as after every test.
    }

    @Test
    void whileOneWaitsTheOthersStayInTheSystemsQueue() throws Exception {
        Assumptions.assumeTrue(medium.family() == Medium.Family.TCP);
        Server server = start(lines().loops(loops.threads(1))
                .with(ConnectionLimit.of(1).refusing(Refusal.waiting()))
                .reply(message -> message));
        StreamPeer inside = admitted(server, 1).get(0);

        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            dial(server);
            await().untilAsserted(() -> assertThat(log.warnings()).hasSize(1));
        }
        int before = descriptors().size();
        for (int i = 0; i < 20; i++) {
            closing(SocketChannel.open(server.address()));
        }
        for (int i = 0; i < 3; i++) { // Whatever the loop accepts it has accepted by now.
            inside.say("there?");
            assertThat(inside.hear()).isEqualTo("there?");
        }
        assertThat(descriptors().size() - before).isBetween(20, 22); // The peers' own, and what was on its way.
    }
}

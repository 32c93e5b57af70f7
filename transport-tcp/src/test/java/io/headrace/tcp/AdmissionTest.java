package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.CloseReason;
import io.headrace.Codec;
import io.headrace.Endpoint;
import io.headrace.Meter;
import io.headrace.Refusal;
import io.headrace.RejectReason;
import io.headrace.Server;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Who may come in to a stream endpoint. */
class AdmissionTest extends GatedTest {

    @Test
    void soManyAndNotOneMore() throws Exception {
        Server server = start(echo(ConnectionLimit.of(20)));
        List<StreamPeer> inside = admitted(server, 20);

        for (int i = 0; i < 50; i++) {
            StreamPeer refused = dial(server);
            assertThat(refused.hear()).isNull();
            refused.close();
        }
        assertThat(rejected(RejectReason.LIMIT)).isEqualTo(50);
        assertThat(total(Meter.CONNECTIONS_ACCEPTED)).isEqualTo(20);
        assertThat(lives.begun()).isEqualTo(20);
        inside.get(0).close();
        await().until(() -> total(Meter.CONNECTIONS_ACTIVE) == 19);
        admitted(server, 1);
    }

    @Test
    void aGateIsToldOnceOfEachThatLeaves() throws Exception {
        Door door = new Door(Refusal.finishing());
        Server server = start(lines().with(door).with(ConnectionLimit.of(3)).reply(message -> message));

        List<StreamPeer> inside = admitted(server, 3);
        StreamPeer refused = dial(server); // By whoever stands behind the door, if anybody does.
        assertThat(refused.hear()).isNull();
        inside.get(0).finish();
        await().untilAsserted(() -> assertThat(door.reasons).contains(CloseReason.PEER_FINISHED));
        server.stop(PATIENCE);
        for (StreamPeer peer : inside) {
            peer.close();
        }
        await().untilAsserted(door::requireEmpty);
        assertThat(lives.begun()).isEqualTo(3);
    }

    @Test
    void aGateOfTheUsersOwnRefuses() throws Exception {
        Door door = new Door(Refusal.saying("no\n"));
        Server server = start(echo(door));
        admitted(server, 1);
        door.shut.set(true);

        assertThat(dial(server).hear()).isEqualTo("no");
        assertThat(rejected(RejectReason.APPLICATION)).isEqualTo(1);
        door.shut.set(false);
        admitted(server, 1);
    }

    @Test
    void aBudgetIsSharedAndWhatIsReservedIsNot() throws Exception {
        ConnectionBudget budget = ConnectionBudget.of(5);
        Endpoint many = lines().named("many")
                .with(ConnectionLimit.byDescriptors().within(budget))
                .reply(message -> message);
        Endpoint health = Medium.setup(medium.listening())
                .named("health")
                .loops(loops)
                .with(Framing.lines(64))
                .codec(Codec.utf8())
                .with(ConnectionLimit.byDescriptors().within(budget).reserve(2))
                .reply(message -> message);
        Server server = start(many, health);
        List<StreamPeer> inside = admitted(server, 3);

        assertThat(dial(server).hear()).isNull();
        assertThat(rejected(RejectReason.BUDGET)).isEqualTo(1);
        List<StreamPeer> healthy = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            StreamPeer peer = closing(medium.dial(server.addresses("health").get(0)));
            peer.say("well?");
            assertThat(peer.hear()).isEqualTo("well?");
            healthy.add(peer);
        }
        assertThat(closing(medium.dial(server.addresses("health").get(0))).hear())
                .isNull();
        inside.get(0).close();
        await().until(() -> total(Meter.CONNECTIONS_ACTIVE) == 2);
        StreamPeer third = closing(medium.dial(server.addresses("health").get(0)));
        third.say("from the common part");
        assertThat(third.hear()).isEqualTo("from the common part");
        assertThat(dial(server).hear()).isNull();
    }

    @Test
    void whoComesAndGoesAtTheLimitLeavesNothingBehind() throws Exception {
        Assumptions.assumeTrue(medium.resets());
        Door door = new Door(Refusal.finishing());
        Server server = start(
                lines().with(door).with(ConnectionLimit.of(10).perAddress(8)).reply(message -> message));

        AtomicInteger dialed = new AtomicInteger();
        List<CompletableFuture<Void>> storm = new ArrayList<>();
        for (int thread = 0; thread < 8; thread++) {
            storm.add(CompletableFuture.runAsync(() -> {
                for (int i = 0; i < 60; i++) {
                    try {
                        StreamPeer peer = medium.dial(server.address());
                        dialed.incrementAndGet();
                        peer.reset();
                    } catch (IOException refused) {
                        // By a full queue, perhaps.
                    }
                }
            }));
        }
        for (CompletableFuture<Void> each : storm) {
            get(each);
        }
        await().untilAsserted(() ->
                assertThat(door.asked.size() + total(Meter.ACCEPT_ERRORS)).isEqualTo(dialed.get()));
        await().untilAsserted(door::requireEmpty);
        assertThat(total(Meter.CONNECTIONS_ACTIVE)).isZero();
        // Exactly as many as ever: nothing is locked, nothing has leaked.
        admitted(server, 8);
        assertThat(dial(server).hear()).isNull();
    }

    private StreamPeer dialFrom(Server server, String address) throws IOException {
        SocketChannel socket = SocketChannel.open().bind(new InetSocketAddress(address, 0));
        return closing(SocketPeer.connected(socket, server.address()));
    }

    @Test
    void oneAddressDoesNotTakeThePlacesOfAnother() throws Exception {
        Assumptions.assumeTrue(medium.family() == Medium.Family.TCP);
        Server server = start(echo(ConnectionLimit.of(10).perAddress(2)));

        for (int i = 0; i < 2; i++) {
            StreamPeer peer = dialFrom(server, "127.0.0.2");
            peer.say("in");
            assertThat(peer.hear()).isEqualTo("in");
        }
        for (int i = 0; i < 20; i++) {
            assertThat(dialFrom(server, "127.0.0.2").hear()).isNull();
        }
        StreamPeer other = dialFrom(server, "127.0.0.3");
        other.say("in, too");
        assertThat(other.hear()).isEqualTo("in, too");
        assertThat(rejected(RejectReason.ADDRESS_LIMIT)).isEqualTo(20);
    }

    @Test
    void rulesAboutAddressesHold() throws Exception {
        Assumptions.assumeTrue(medium.family() == Medium.Family.TCP);
        Server server = start(echo(AddressRules.allow("127.0.0.0/8").andDeny("127.0.0.2")));

        assertThat(dialFrom(server, "127.0.0.2").hear()).isNull();
        admitted(server, 1);
        assertThat(rejected(RejectReason.DENIED)).isEqualTo(1);
    }

    @Test
    void whoBreaksTheProtocolIsKeptOutForATime() throws Exception {
        Assumptions.assumeTrue(medium.family() == Medium.Family.TCP);
        // On one loop, so that who is accepted next comes after what the last one did.
        Server server = start(linesOnOneLoop()
                .with(Ban.after(2).lasting(Duration.ofMinutes(5)))
                .reply(message -> message));

        for (int i = 0; i < 2; i++) {
            StreamPeer peer = dialFrom(server, "127.0.0.2");
            peer.send(new byte[2_000]);
            assertThat(peer.hear()).isNull();
            peer.close();
        }
        awaitReasons(CloseReason.FRAME_TOO_LARGE, CloseReason.FRAME_TOO_LARGE);
        assertThat(dialFrom(server, "127.0.0.2").hear()).isNull();
        assertThat(rejected(RejectReason.BANNED)).isEqualTo(1);
        admitted(server, 1);
        clock.advance(Duration.ofMinutes(5));
        StreamPeer again = dialFrom(server, "127.0.0.2");
        again.say("sorry");
        assertThat(again.hear()).isEqualTo("sorry");
    }

    @Test
    void whoComesTooQuicklyWaitsItsTurn() throws Exception {
        Server server = start(echo(AcceptRate.of(3, Duration.ofSeconds(3)).refusing(Refusal.waiting())));
        admitted(server, 3);

        StreamPeer fourth = dial(server);
        fourth.say("in?");
        await().until(() -> {
            clock.advance(Duration.ofSeconds(1));
            return lives.begun() == 4;
        });
        assertThat(fourth.hear()).isEqualTo("in?");
    }

    @Test
    void whoComesTooQuicklyIsRefused() throws Exception {
        Server server = start(echo(AcceptRate.of(3, Duration.ofSeconds(3))));
        admitted(server, 3);

        assertThat(dial(server).hear()).isNull();
        assertThat(rejected(RejectReason.RATE)).isEqualTo(1);
        clock.advance(Duration.ofSeconds(1));
        admitted(server, 1);
    }
}

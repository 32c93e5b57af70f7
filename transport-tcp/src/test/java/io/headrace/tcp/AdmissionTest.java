package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headrace.ChannelStage;
import io.headrace.CloseReason;
import io.headrace.Codec;
import io.headrace.Connection;
import io.headrace.Endpoint;
import io.headrace.Gate;
import io.headrace.LogCapture;
import io.headrace.Meter;
import io.headrace.Newcomer;
import io.headrace.Refusal;
import io.headrace.RejectReason;
import io.headrace.Server;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.Stage;
import io.headrace.stage.Metrics;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Who may come in to a stream endpoint, and how the others are refused. */
class AdmissionTest extends StreamTest {

    /** A gate as a user may write one. */
    private static final class Door implements ChannelStage<Channel>, Gate {
        private final List<Newcomer> asked = new CopyOnWriteArrayList<>();
        private final List<Newcomer> gone = new CopyOnWriteArrayList<>();
        private final List<CloseReason> reasons = new CopyOnWriteArrayList<>();
        private final AtomicBoolean shut = new AtomicBoolean();
        private final Refusal refusal;

        Door(Refusal refusal) {
            this.refusal = refusal;
        }

        @Override
        public Slot slot() {
            return Slot.ADMISSION;
        }

        @Override
        public PerLoop<Channel> open(Site site) {
            site.admit(this);
            return loop -> ChannelStage.nothing();
        }

        @Override
        public RejectReason refuses(Newcomer newcomer) {
            if (shut.get()) {
                return RejectReason.APPLICATION;
            }
            asked.add(newcomer);
            return null;
        }

        @Override
        public Refusal refusal() {
            return refusal;
        }

        @Override
        public void left(Newcomer newcomer, CloseReason reason) {
            gone.add(newcomer);
            reasons.add(reason == null ? CloseReason.IO_ERROR : reason);
        }

        /** Everybody who was let in has gone, once. */
        void requireEmpty() {
            assertThat(gone).containsExactlyInAnyOrderElementsOf(asked);
        }
    }

    private double rejected(RejectReason reason) {
        return registry.get(Meter.CONNECTIONS_REJECTED.id())
                .tag(Meter.CONNECTIONS_REJECTED.tagKey(), reason.tag())
                .functionCounter()
                .count();
    }

    private List<StreamPeer> admitted(Server server, int peers) throws IOException {
        List<StreamPeer> all = new ArrayList<>();
        for (int i = 0; i < peers; i++) {
            StreamPeer peer = dial(server);
            peer.say("in?");
            assertThat(peer.hear()).isEqualTo("in?");
            all.add(peer);
        }
        return all;
    }

    private Endpoint echo(ChannelStage<? super DuplexChannel> stage) {
        return lines().with(stage).reply(message -> message);
    }

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

        StreamPeer refused = dial(server);
        assertThatThrownBy(refused::receiveAll).isInstanceOf(IOException.class).hasMessageContaining("reset");
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
        assertThatThrownBy(dial(server)::receiveAll).isInstanceOf(IOException.class);
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
    void aGateThatThrowsRefusesAndOthersAreServed() throws Exception {
        AtomicInteger turn = new AtomicInteger();
        ChannelStage<Channel> faulty = new ChannelStage<>() {
            @Override
            public Slot slot() {
                return Slot.PEER;
            }

            @Override
            public PerLoop<Channel> open(Site site) {
                site.admit(newcomer -> {
                    if (turn.getAndIncrement() % 2 == 0) {
                        throw new IllegalStateException("a bug");
                    }
                    return null;
                });
                return loop -> ChannelStage.nothing();
            }
        };
        Server server = start(lines().with(faulty).with(ConnectionLimit.of(1)).reply(message -> message));

        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            assertThat(dial(server).hear()).isNull();
            admitted(server, 1); // The place that the first had taken is free again.
            assertThat(log.warnings()).hasSize(2).anyMatch(line -> line.contains("gate: while letting in "));
        }
        assertThat(rejected(RejectReason.GATE_FAILED)).isEqualTo(1);
    }

    @Test
    void aGateThatThrowsWhenSomebodyLeavesTakesNoPlaces() throws Exception {
        ChannelStage<Channel> faulty = new ChannelStage<>() {
            @Override
            public Slot slot() {
                return Slot.ADMISSION;
            }

            @Override
            public PerLoop<Channel> open(Site site) {
                site.admit(new Gate() {
                    @Override
                    public RejectReason refuses(Newcomer newcomer) {
                        return null;
                    }

                    @Override
                    public void left(Newcomer newcomer, CloseReason reason) {
                        throw new IllegalStateException("a bug");
                    }
                });
                return loop -> ChannelStage.nothing();
            }
        };
        Server server = start(lines().with(faulty)
                .with(ConnectionLimit.of(1).refusing(Refusal.waiting()))
                .reply(message -> message));

        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            for (int i = 0; i < 3; i++) {
                admitted(server, 1).get(0).close();
                int ended = i + 1;
                await().until(() -> lives.reasons().size() == ended);
            }
            await().untilAsserted(() -> assertThat(log.warnings()).anyMatch(line -> line.contains("gate: while ")));
        }
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
        Server server = start(echo(Ban.after(2).lasting(Duration.ofMinutes(5))));

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

    /** A handler that knows whether it is on a line. */
    private static final class Counted extends ChannelInboundHandlerAdapter {
        private final AtomicInteger onLine;

        Counted(AtomicInteger onLine) {
            this.onLine = onLine;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            onLine.incrementAndGet();
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext ctx) {
            onLine.decrementAndGet();
        }
    }

    private void whereOneOfThreeFailsOthersAreServed(Supplier<ChannelHandler> faulty) throws Exception {
        AtomicInteger turn = new AtomicInteger();
        AtomicInteger onLine = new AtomicInteger();
        Server server = start(lines().loops(loops.threads(1))
                .with(Stage.netty(Slot.WIRE, "counted", () -> new Counted(onLine)))
                .with(Stage.netty(
                        Slot.WIRE,
                        "faulty",
                        () -> turn.getAndIncrement() % 3 == 0 ? faulty.get() : new ChannelInboundHandlerAdapter()))
                .with(ConnectionLimit.of(2))
                .reply(message -> message));
        turn.set(0); // It is asked at the start, too.

        try (LogCapture log = LogCapture.of(Endpoint.class);
                LogCapture netty = LogCapture.of(ChannelInitializer.class)) {
            for (int i = 0; i < 4; i++) {
                StreamPeer failed = dial(server);
                assertThat(failed.receiveAll()).isEmpty();
                failed.close();
                int failures = i + 1;
                await().until(() -> closed(CloseReason.HANDLER_FAILED) == failures);
                for (StreamPeer peer : admitted(server, 2)) {
                    peer.close();
                }
                int ended = 3 * (i + 1);
                await().until(() -> lives.reasons().size() == ended);
            }
            assertThat(log.warnings().size() + netty.warnings().size()).isPositive();
        }
        assertThat(closed(CloseReason.HANDLER_FAILED)).isEqualTo(4);
        assertThat(total(Meter.CONNECTIONS_ACCEPTED)).isEqualTo(12);
        await().untilAsserted(() -> assertThat(onLine).hasValue(0));
    }

    @Test
    void aStageThatThrowsEndsItsConnectionOnly() throws Exception {
        whereOneOfThreeFailsOthersAreServed(() -> {
            throw new IllegalStateException("a bug");
        });
    }

    @Test
    void anInitializerThatThrowsEndsItsConnectionOnly() throws Exception {
        whereOneOfThreeFailsOthersAreServed(() -> new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                throw new IllegalStateException("a bug");
            }
        });
    }

    @Test
    void aHandlerThatThrowsWhenItIsAddedEndsItsConnectionOnly() throws Exception {
        whereOneOfThreeFailsOthersAreServed(() -> new ChannelInboundHandlerAdapter() {
            @Override
            public void handlerAdded(ChannelHandlerContext ctx) {
                throw new IllegalStateException("a bug");
            }
        });
    }
}

package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.headrace.Application;
import io.headrace.CloseReason;
import io.headrace.Codec;
import io.headrace.Connection;
import io.headrace.ConnectionInfo;
import io.headrace.Drain;
import io.headrace.DrainReport;
import io.headrace.Endpoint;
import io.headrace.Exchange;
import io.headrace.LogCapture;
import io.headrace.Outcome;
import io.headrace.Plan;
import io.headrace.Server;
import io.headrace.Session;
import io.headrace.Slot;
import io.headrace.Stage;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
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

    /** There is no descriptor the first eight times: the listener would rest for more than a second in all. */
    private static final class NoDescriptorAtFirst extends ChannelOutboundHandlerAdapter {
        private int failures = 8;

        @Override
        public void read(ChannelHandlerContext ctx) {
            if (failures-- > 0) {
                ctx.pipeline().fireExceptionCaught(new IOException("Too many open files"));
            } else {
                ctx.read();
            }
        }
    }

    @Test
    void whoWaitsWhileAcceptingRestsAfterAnErrorIsServed() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class);
                DrivenListener driven = DrivenListener.bind(plan(), Application.consume(message -> {}))) {
            Channel server = ((StreamListener) driven.steps()).servers().get(0);
            server.pipeline().addLast(new NoDescriptorAtFirst());
            List<StreamPeer> peers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                peers.add(closing(medium.dial(driven.address())));
            }
            driven.steps().accept();
            driven.steps().stopAccepting(PATIENCE.toNanos());
            driven.steps().drain();
            for (StreamPeer peer : peers) {
                assertThat(peer.hear()).isNull(); // A clean end, no reset.
                peer.close();
            }
            assertThat(driven.steps().awaitEmpty(PATIENCE.toNanos())).isTrue();
            assertThat(log.warnings())
                    .filteredOn(line -> line.contains("accept "))
                    .hasSize(1);
        }
        assertThat(lives.reasons()).hasSize(20).containsOnly(CloseReason.DRAINED);
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

    // ---- who comes while it drains

    @Test
    void duringTheDelayWhoComesIsServedAsBefore() throws Exception {
        Server server = start(lines().reply(message -> message));
        StreamPeer early = dial(server);
        CompletableFuture<DrainReport> stopped =
                server.stop(Drain.within(PATIENCE).after(Duration.ofDays(1)));
        assertThat(server.ready()).isFalse();
        for (int i = 0; i < 5; i++) {
            StreamPeer peer = dial(server);
            peer.say("x");
            assertThat(peer.hear()).isEqualTo("x");
            peer.close();
        }
        early.say("y");
        assertThat(early.hear()).isEqualTo("y");
        endDelay();
        assertThat(early.hear()).isNull();
        early.close();
        assertThat(get(stopped).forced()).isZero();
    }

    /** Which no user can: a test does not wait for a day. */
    private static void endDelay() {
        Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("headrace-stop"))
                .forEach(Thread::interrupt);
    }

    @Test
    void whoSlipsInDuringTheDrainIsLetGoAsTheOthersAre() throws Exception {
        try (DrivenListener driven =
                DrivenListener.listen(plan().with(Framing.lines(1_024)), Application.consume(message -> {}))) {
            driven.steps().drain();
            for (int i = 0; i < 10; i++) {
                StreamPeer late = closing(medium.dial(driven.address()));
                assertThat(late.hear()).isNull();
                late.close();
            }
            assertThat(driven.steps().awaitEmpty(PATIENCE.toNanos())).isTrue();
        }
        assertThat(lives.reasons()).hasSize(10).containsOnly(CloseReason.DRAINED);
    }

    @Test
    void whoSlipsInAfterEverythingWasCutOffIsTurnedAway() throws Exception {
        try (DrivenListener driven = DrivenListener.listen(plan(), Application.consume(message -> {}))) {
            StreamPeer early = closing(medium.dial(driven.address()));
            await().until(() -> lives.begun() == 1);
            assertThat(driven.steps().force().connections()).isEqualTo(1);
            StreamPeer late = closing(medium.dial(driven.address()));
            Throwable end = catchThrowable(() -> assertThat(late.hear()).isNull());
            assertThat(end)
                    .satisfiesAnyOf(
                            finished -> assertThat(finished).isNull(),
                            reset -> assertThat(reset).isInstanceOf(IOException.class));
            assertThat(driven.steps().awaitEmpty(PATIENCE.toNanos())).isTrue();
            early.close();
        }
        assertThat(lives.reasons()).containsExactly(CloseReason.FORCED);
    }

    private Plan<DuplexChannel, ByteBuf, Object> plan() {
        return Medium.plan(medium.listening()).loops(loops).with(lives);
    }

    /** Whoever connects is greeted whole or refused, however the connecting and the stopping fall together. */
    @Test
    void connectingAndStoppingAtOnceLosesNobody() throws Exception {
        for (int round = 0; round < 4; round++) {
            int before = lives.begun();
            Server server = start(listen().onConnect(connection -> connection.sendAndClose("hello")));
            var address = server.address();
            AtomicBoolean over = new AtomicBoolean();
            AtomicInteger greeted = new AtomicInteger();
            CompletableFuture<Void> dialling = CompletableFuture.runAsync(() -> {
                while (!over.get()) {
                    try (StreamPeer peer = medium.dial(address)) {
                        String heard = hearAllOrSilence(peer);
                        assertThat(heard).isIn("hello", ""); // In the queue when it closed: the system's own end.
                        greeted.addAndGet(heard.isEmpty() ? 0 : 1);
                    } catch (IOException refused) {
                        // Or reset in the queue.
                    }
                }
            });
            int rounds = round;
            await().until(() -> greeted.get() > rounds);
            DrainReport report = get(server.stop(PATIENCE));
            over.set(true);
            dialling.get(2 * PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(report.forced()).isZero();
            assertThat(lives.begun() - before).isEqualTo(greeted.get());
        }
        lives.requireWhole();
    }

    /**
     * Linux loses a connection whose handshake ends just as its listener closes, and tells nobody: one in some ten thousand such moments, with
     * bare sockets too. Whom the server has begun to serve is counted apart, and whose socket it kept is found at the end.
     */
    private String hearAllOrSilence(StreamPeer peer) throws IOException {
        try {
            return peer.hearAll();
        } catch (AssertionError nothingCame) {
            if (medium.family() != Medium.Family.TCP) {
                throw nothingCame;
            }
            return "";
        }
    }

    // ---- what is said at the end

    @Test
    void whatASessionSaysWhenTheServerDrainsLeaves() throws Exception {
        Server server = start(lines().sessions(me -> new Session<String>() {
            @Override
            public void received(String message) {
                me.send(message);
            }

            @Override
            public boolean draining() {
                return me.send("goodbye");
            }
        }));
        StreamPeer peer = dial(server);
        peer.say("hello");
        assertThat(peer.hear()).isEqualTo("hello");
        CompletableFuture<DrainReport> stopped = server.stop(PATIENCE);
        assertThat(peer.hear()).isEqualTo("goodbye");
        assertThat(peer.hear()).isNull();
        peer.close();
        assertThat(get(stopped).graceful()).isEqualTo(1);
    }

    @Test
    void whatASpeakerSaidBeforeTheServerDrainsLeaves() throws Exception {
        CompletableFuture<Connection<Object>> held = new CompletableFuture<>();
        Server server = start(listen().onConnect(held::complete));
        StreamPeer peer = dial(server);
        get(held).send("the last word");
        CompletableFuture<DrainReport> stopped = server.stop(PATIENCE);
        assertThat(peer.hearAll()).isEqualTo("the last word");
        peer.close();
        assertThat(get(stopped).graceful()).isEqualTo(1);
        assertThat(get(get(held).closed())).isEqualTo(CloseReason.DRAINED);
    }

    @Test
    void aConversationThatOnlySendsIsToldToo() throws Exception {
        CountDownLatch drained = new CountDownLatch(1);
        Server server = start(lines().converse(talk -> {
            talk.send("begun");
            talk.connection().closed().thenRun(drained::countDown);
            while (!talk.serverDraining()) {
                Thread.onSpinWait();
            }
            talk.send("goodbye");
        }));
        StreamPeer peer = dial(server);
        assertThat(peer.hear()).isEqualTo("begun");
        CompletableFuture<DrainReport> stopped = server.stop(PATIENCE);
        assertThat(peer.hearAll()).isEqualTo("goodbye\n");
        peer.close();
        assertThat(get(stopped).graceful()).isEqualTo(1);
        drained.await();
    }

    // ---- what is left at the end

    @Test
    void oneEndpointOfTwoDrainsAndTheOtherServesOn() throws Exception {
        Server server = start(
                lines().named("goes").reply(message -> message),
                Medium.setup(medium.listening())
                        .named("stays")
                        .loops(loops)
                        .with(Framing.lines(1_024))
                        .codec(Codec.utf8())
                        .reply(message -> message));
        StreamPeer leaves = dial(server);
        leaves.say("x");
        assertThat(leaves.hear()).isEqualTo("x");
        StreamPeer stays = closing(medium.dial(server.addresses("stays").get(0)));

        CompletableFuture<DrainReport> stopped = server.stop("goes", PATIENCE);
        assertThat(leaves.hear()).isNull();
        leaves.close();
        assertThat(get(stopped).graceful()).isEqualTo(1);
        stays.say("still");
        assertThat(stays.hear()).isEqualTo("still");
        assertThat(server.connections()).hasSize(1);
        CompletableFuture<DrainReport> rest = server.stop(PATIENCE);
        assertThat(stays.hear()).isNull();
        stays.close();
        assertThat(get(rest).graceful()).isEqualTo(2);
    }

    @Test
    void everyChannelIsClosedBeforeItsLoopEnds() throws Exception {
        List<Boolean> loopWasEnding = new CopyOnWriteArrayList<>();
        Server server =
                start(lines().with(Stage.netty(Slot.FRAMING, "closing-order", () -> new ChannelInboundHandlerAdapter() {
                            @Override
                            public void handlerAdded(ChannelHandlerContext ctx) {
                                Channel channel = ctx.channel();
                                Channel parent = channel.parent();
                                channel.closeFuture()
                                        .addListener(done -> loopWasEnding.add(
                                                channel.eventLoop().isShuttingDown()));
                                if (parent != null) {
                                    parent.closeFuture()
                                            .addListener(done -> loopWasEnding.add(
                                                    parent.eventLoop().isShuttingDown()));
                                }
                            }
                        }))
                        .handle((message, exchange) -> {}));
        List<StreamPeer> peers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            StreamPeer peer = dial(server);
            peer.say("never answered");
            peers.add(peer);
        }
        await().until(() -> server.connections().stream()
                        .filter(one -> one.openExchanges() == 1)
                        .count()
                == 20);
        assertThat(get(server.stop(Duration.ofMillis(10))).forced()).isEqualTo(20);
        assertThat(loopWasEnding).hasSizeGreaterThanOrEqualTo(20).containsOnly(false);
    }

    @Test
    void whatIsForcedIsListed() throws Exception {
        try (LogCapture log = LogCapture.of(Server.class)) {
            Server server = start(lines().handle((message, exchange) -> {}));
            for (int i = 0; i < 12; i++) {
                dial(server).say("never answered");
            }
            await().until(() -> server.connections().stream()
                            .filter(one -> one.openExchanges() == 1)
                            .count()
                    == 12);
            List<ConnectionInfo> before = server.connections();
            get(server.stop(Duration.ZERO));
            String listed = log.warnings().get(0);
            assertThat(listed)
                    .contains(": cut off 12 when the grace was over\n")
                    .endsWith("\n\tand 2 more");
            assertThat(listed.lines().filter(line -> line.contains("1 open exchange, ")))
                    .hasSize(10);
            assertThat(before).anySatisfy(one -> assertThat(listed).contains(" #" + one.id() + " of 'contract': "));
        }
    }

    @Test
    void aBlockedLoopIsNamed() throws Exception {
        Assumptions.assumeTrue(medium.equals(Medium.IN_MEMORY)); // It takes a second, and no medium has a part in it.
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch blocked = new CountDownLatch(1);
        Plan<DuplexChannel, ByteBuf, Object> plan = plan().loops(loops.threads(1));
        try (LogCapture log = LogCapture.of(Endpoint.class);
                DrivenListener driven = DrivenListener.listen(plan, Application.consume(message -> {
                    blocked.countDown();
                    try {
                        release.await();
                    } catch (InterruptedException never) {
                        throw new AssertionError(never);
                    }
                }))) {
            StreamPeer peer = closing(medium.dial(driven.address()));
            peer.say("block");
            blocked.await();
            driven.steps().stopAccepting(PATIENCE.toNanos());
            release.countDown();
            assertThat(log.warnings().get(0))
                    .contains(": blocked: event loop contract-")
                    .contains(" is blocked: asked to stop accepting, it has said nothing for ");
        }
    }
}

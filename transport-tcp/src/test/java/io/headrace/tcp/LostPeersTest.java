package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.ChannelStage;
import io.headrace.CloseReason;
import io.headrace.Connection;
import io.headrace.Endpoint;
import io.headrace.Exchange;
import io.headrace.LogCapture;
import io.headrace.Loops.Backend;
import io.headrace.Meter;
import io.headrace.Outcome;
import io.headrace.Server;
import io.headrace.Session;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.Watch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Peers that go while much is on its way to them: everybody who waits is told once, and nothing is kept. */
class LostPeersTest extends StreamTest {
    private static final int WRITES = 1_000;
    private static final int WRITE_BYTES = 8 * 1_024;

    @Test
    void everybodyIsToldOnceAndEveryBufferReleasedWhenThePeerResets() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            CompletableFuture<Exchange<Object>> open = new CompletableFuture<>();
            List<Outcome> ends = new CopyOnWriteArrayList<>();
            Server server =
                    start(listen().with(WriteMarks.of(32 * 1_024, 64 * 1_024).cap(64 * 1_024 * 1_024))
                            .handle((message, exchange) -> {
                                exchange.onEnd((ended, outcome) -> ends.add(outcome));
                                open.complete(exchange);
                            }));

            StreamPeer peer = dialSmall(server);
            peer.send("x");
            Connection<Object> connection = (Connection<Object>) get(open).peer();
            List<ByteBuf> writes = new ArrayList<>();
            for (int i = 0; i < WRITES; i++) {
                ByteBuf write =
                        PooledByteBufAllocator.DEFAULT.directBuffer(WRITE_BYTES).writeZero(WRITE_BYTES);
                writes.add(write);
                assertThat(connection.send(write)).isTrue();
            }
            await().until(() -> !connection.writable());
            AtomicInteger told = new AtomicInteger();
            for (int i = 0; i < 3; i++) {
                connection.whenWritable(told::incrementAndGet);
                connection.closed().thenRun(told::incrementAndGet);
            }
            if (medium.resets()) {
                peer.reset();
            } else {
                peer.close();
            }

            assertThat(get(connection.closed())).isEqualTo(CloseReason.PEER_RESET);
            await().until(() -> told.get() == 6);
            await().untilAsserted(() -> assertThat(writes).allMatch(write -> write.refCnt() == 0));
            assertThat(ends).containsExactly(Outcome.ABANDONED);
            assertThat(total(Meter.DATA_DROPPED)).isPositive();
            assertThat(total(Meter.OUTBOUND_PENDING)).isZero();
            assertThat(log.warnings()).isEmpty();
            awaitReasons(CloseReason.PEER_RESET);
            assertThat(told.get()).isEqualTo(6);
        }
    }

    /** Asks why the connection ends while it is told what is dropped. */
    private record AskingWhenBytesAreDropped(List<CloseReason> answers) implements ChannelStage<DuplexChannel> {
        @Override
        public Slot slot() {
            return Slot.LIVENESS;
        }

        @Override
        public PerLoop<DuplexChannel> open(Site site) {
            return loop -> (channel, line) -> line.watch(new Watch() {
                @Override
                public void bytesDropped(long bytes) {
                    line.connection().closed().thenAccept(answers::add);
                }
            });
        }
    }

    @Test
    void whoAsksWhyAtTheVeryEndHearsTheReasonThatIsCounted() throws Exception {
        List<CloseReason> answers = new CopyOnWriteArrayList<>();
        CompletableFuture<Exchange<Object>> asked = new CompletableFuture<>();
        Server server = start(listen().with(new AskingWhenBytesAreDropped(answers))
                .handle((message, exchange) -> asked.complete(exchange)));

        StreamPeer peer = dialSmall(server);
        peer.send("x");
        peer.finish();
        StreamConnection<?, ?> connection =
                (StreamConnection<?, ?>) (Connection<?>) get(asked).peer();
        await().until(() -> !connection.open()); // It ends because its peer has finished...
        get(asked).reply(new byte[8 * 1_024 * 1_024]);
        await().until(() -> connection.outflow().pendingBytes() > 0);
        if (medium.resets()) {
            peer.reset();
        } else {
            peer.close();
        }
        awaitReasons(CloseReason.PEER_RESET); // ...who has left before it had what it was owed.
        await().untilAsserted(() -> assertThat(answers).containsExactly(CloseReason.PEER_RESET));
    }

    @Test
    void whatWasQueuedLeavesBeforeAFailureCloses() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            Server server = start(lines().handle((message, exchange) -> {
                exchange.peer().send("first");
                exchange.peer().send("second");
                throw new IllegalStateException("on purpose");
            }));

            StreamPeer peer = dial(server);
            peer.say("go");
            assertThat(hear(peer, 2)).containsExactly("first", "second");
            assertThat(peer.hear()).isNull();
            peer.close();
            awaitReasons(CloseReason.HANDLER_FAILED);
            assertThat(log.warnings()).hasSize(1);
        }
    }

    @Test
    void aForcedEndSaysHowMuchItDropped() throws Exception {
        CompletableFuture<Connection<Object>> held = new CompletableFuture<>();
        Server server = start(listen().onConnect(held::complete));

        dialSmall(server);
        assertThat(get(held).send(new byte[8 * 1_024 * 1_024])).isTrue();
        await().until(() -> !get(held).writable());
        assertThat(get(server.stop(Duration.ZERO)).droppedBytes()).isBetween(1L, 8L * 1_024 * 1_024);
    }

    @Test
    void whoLeavesWhileItIsNotReadIsFoundByTheIdleTimeout() throws Exception {
        List<Exchange<String>> held = new CopyOnWriteArrayList<>();
        Server server = start(lines().handle((message, exchange) -> held.add(exchange)));

        StreamPeer peer = dial(server);
        peer.send("x\n".repeat(200));
        await().until(() -> held.size() == 128); // Then it is not read.
        peer.close();
        clock.advance(Duration.ofSeconds(330));
        await().untilAsserted(() -> assertThat(lives.reasons()).hasSize(1));
        assertThat(lives.reasons().get(0))
                .isIn(CloseReason.IDLE_TIMEOUT, CloseReason.PEER_RESET, CloseReason.PEER_FINISHED);
    }

    /** Goes on when its peer has finished, and says nothing. */
    private record Staying(AtomicInteger finished) implements Session<String> {
        @Override
        public void received(String line) {}

        @Override
        public boolean peerFinished() {
            finished.incrementAndGet();
            return false;
        }
    }

    @Test
    void whoIsGoneAfterHavingFinishedIsFoundByTheSweep() throws Exception {
        boolean hangsUp = medium.family() == Medium.Family.UNIX && medium.backend() == Backend.NIO;
        Assumptions.assumeTrue(
                medium.family() == Medium.Family.TCP || hangsUp,
                "elsewhere who is gone and who has finished look alike");
        AtomicInteger finished = new AtomicInteger();
        Server server = start(lines().sessions(connection -> new Staying(finished)));

        StreamPeer stays = dial(server);
        StreamPeer leaves = dial(server);
        stays.finish();
        leaves.finish();
        await().untilAsserted(() -> assertThat(finished).hasValue(2));
        clock.advance(Duration.ofSeconds(2));
        assertThat(lives.reasons()).isEmpty();
        if (medium.resets()) {
            leaves.reset();
        } else {
            leaves.close();
        }
        await().untilAsserted(() -> {
            clock.advance(Duration.ofSeconds(1));
            assertThat(lives.reasons()).containsExactly(CloseReason.PEER_RESET);
        });
    }

    /** Keeps from a line what it is told of the peer's end, as Linux sometimes does by itself. */
    private static final class Deaf extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {}

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {}
    }

    @Test
    void whoseResetTheSystemDoesNotTellIsFoundByTheSweep() throws Exception {
        Assumptions.assumeTrue(
                medium.family() == Medium.Family.TCP && medium.backend() == Backend.IO_URING,
                "elsewhere no request to receive stays armed");
        AtomicInteger deaf = new AtomicInteger();
        Server server = start(lines().handle((message, exchange) -> {
            StreamConnection<?, ?> connection = (StreamConnection<?, ?>) (Connection<?>) exchange.peer();
            connection.channel.pipeline().addFirst(new Deaf());
            deaf.incrementAndGet();
        }));

        StreamPeer stays = dial(server);
        StreamPeer leaves = dial(server);
        stays.say("I stay");
        leaves.say("I leave");
        await().untilAsserted(() -> assertThat(deaf).hasValue(2));
        leaves.reset();
        await().untilAsserted(() -> {
            clock.advance(Duration.ofSeconds(1));
            assertThat(lives.reasons()).containsExactly(CloseReason.PEER_RESET);
        });
    }
}

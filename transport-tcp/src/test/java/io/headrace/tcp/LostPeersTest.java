package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.CloseReason;
import io.headrace.Connection;
import io.headrace.Endpoint;
import io.headrace.Exchange;
import io.headrace.LogCapture;
import io.headrace.Meter;
import io.headrace.Outcome;
import io.headrace.Server;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
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
}

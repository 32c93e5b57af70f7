package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.CloseReason;
import io.headrace.Connection;
import io.headrace.Endpoint;
import io.headrace.LogCapture;
import io.headrace.Meter;
import io.headrace.Server;
import io.headrace.Session;
import io.headrace.TestGate;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Peers that do not read: what waits for them is bounded, and they are not read meanwhile. */
class PressureTest extends StreamTest {
    private static final int CHUNK = 16 * 1_024;

    /** Holds its connection. */
    private record Held(Connection<Object> connection) implements Session<ByteBuf> {
        @Override
        public void received(ByteBuf message) {}
    }

    private Server holding(CompletableFuture<Connection<Object>> held) {
        return start(listen().sessions(connection -> {
            held.complete(connection);
            return new Held(connection);
        }));
    }

    private static int receiveSome(StreamPeer peer, int bytes) throws IOException {
        int received = 0;
        while (received < bytes) {
            byte[] some = peer.receive(bytes - received);
            if (some.length == 0) {
                break;
            }
            received += some.length;
        }
        return received;
    }

    @Test
    void sendTurnsFalseAtTheCapAndWhatWasTakenArrives() throws Exception {
        AtomicInteger taken = new AtomicInteger();
        CompletableFuture<Connection<Object>> full = new CompletableFuture<>();
        Server server =
                start(listen().with(WriteMarks.of(32 * 1_024, 64 * 1_024).cap(256 * 1_024))
                        .onConnect(connection -> {
                            while (connection.send(new byte[CHUNK])) {
                                taken.incrementAndGet();
                            }
                            full.complete(connection);
                        }));

        StreamPeer peer = dialSmall(server);
        Connection<Object> connection = get(full);
        // Nothing has left yet: it is flushed when the loop's turn is over.
        assertThat(taken.get()).isBetween(256 / 16, 256 / 16 + 1);
        assertThat(receiveSome(peer, taken.get() * CHUNK)).isEqualTo(taken.get() * CHUNK);
        await().until(connection::writable);
        assertThat(connection.sendAndClose("end")).isTrue();
        assertThat(peer.hearAll()).isEqualTo("end");
    }

    @Test
    void whoAsksForRoomWhenTheLoopsAreGoneIsToldOnce() throws Exception {
        CompletableFuture<Connection<Object>> held = new CompletableFuture<>();
        AtomicInteger told = new AtomicInteger();
        Server server = holding(held);
        dial(server);
        Connection<Object> connection = get(held);
        get(server.stop(Duration.ZERO));
        await().until(() -> liveThreads().isEmpty());

        connection.whenWritable(new Runnable() {
            @Override
            public void run() {
                told.incrementAndGet();
                connection.whenWritable(this);
            }
        });
        assertThat(told).hasValue(1);
    }

    @Test
    void theMarksSayWhenAConnectionIsWritable() throws Exception {
        CompletableFuture<List<Boolean>> seen = new CompletableFuture<>();
        Server server = start(listen().with(WriteMarks.of(4_096, 8_192)).sessions(connection -> {
            List<Boolean> writable = new ArrayList<>();
            for (int i = 0; i < 3; i++) { // Nothing leaves before the loop's turn is over.
                writable.add(connection.writable());
                connection.send(new byte[6_000]);
            }
            seen.complete(writable);
            return new Held(connection);
        }));

        dial(server);
        assertThat(get(seen)).containsExactly(true, true, false);
    }

    @Test
    void whatAnotherThreadSendsIsTakenOrRefusedAndNothingBetween() throws Exception {
        CompletableFuture<Connection<Object>> held = new CompletableFuture<>();
        Server server = holding(held);

        StreamPeer peer = dial(server);
        Connection<Object> connection = get(held);
        int taken = 0;
        for (int refused = 0; refused < 10 && taken < 10_000; ) {
            if (connection.send(new byte[CHUNK])) {
                taken++;
            } else {
                refused++;
            }
        }
        assertThat(taken).isLessThan(10_000);
        assertThat(receiveSome(peer, taken * CHUNK)).isEqualTo(taken * CHUNK);
        await().until(() -> connection.send("more"));
        assertThat(receiveSome(peer, 4)).isEqualTo(4);
    }

    @Test
    void whatAnotherThreadSendsInVainPilesUpNowhere() throws Exception {
        CompletableFuture<Connection<Object>> held = new CompletableFuture<>();
        CompletableFuture<EventLoop> blocked = new CompletableFuture<>();
        TestGate goOn = new TestGate();
        Server server = holding(held);

        dial(server);
        Connection<Object> connection = get(held);
        EventLoop loop = ((StreamConnection<?, ?>) connection).channel().eventLoop();
        loop.submit(() -> {
            blocked.complete(loop);
            goOn.await();
            return null;
        });
        get(blocked);
        for (int i = 0; i < 20_000; i++) {
            connection.send(new byte[1]);
        }
        int waiting = ((SingleThreadEventExecutor) loop).pendingTasks();
        goOn.open();
        assertThat(waiting).isLessThan(2_000);
        await().until(() -> total(Meter.MESSAGES_DROPPED) == 20_000 - 1_024);
    }

    @Test
    void aMegabyteIsFlushedToASlowReaderBeforeTheEnd() throws Exception {
        CompletableFuture<Connection<Object>> held = new CompletableFuture<>();
        Server server = holding(held);

        StreamPeer peer = dialSmall(server);
        byte[] message = new byte[1_024 * 1_024];
        for (int i = 0; i < message.length; i++) {
            message[i] = (byte) (i / 251);
        }
        assertThat(get(held).sendAndClose(message)).isTrue();
        ByteBuffer received = ByteBuffer.allocate(message.length);
        while (received.hasRemaining()) {
            byte[] some = peer.receive(3_000);
            assertThat(some).isNotEmpty();
            received.put(some);
        }
        assertThat(received.array()).isEqualTo(message);
        assertThat(peer.receive(1)).isEmpty();
        peer.close();
        awaitReasons(CloseReason.APPLICATION);
    }

    @Test
    void whoDoesNotReadIsNotRead() throws Exception {
        String answer = "a".repeat(10_000);
        Server server = start(linesOnOneLoop().reply(message -> message.equals("ping") ? "pong" : answer));

        StreamPeer bystander = dial(server);
        ping(bystander);
        StreamPeer peer = dialSmall(server);
        byte[] question = ("q".repeat(999) + "\n").getBytes(StandardCharsets.UTF_8);
        ByteBuffer questions = ByteBuffer.allocate(20_000 * question.length);
        while (questions.hasRemaining()) {
            questions.put(question);
        }
        questions.flip();

        // It sends until nobody takes any more.
        for (int silence = 0; silence < 50; ) {
            silence = peer.offer(questions) == 0 ? silence + 1 : 0;
            ping(bystander);
        }
        assertThat(questions.remaining()).as("not taken").isPositive();
        long received = lives.get(1).received();
        ping(bystander);
        assertThat(lives.get(1).received()).isEqualTo(received);

        // Then it reads, and everything it has sent is answered.
        int asked = questions.position() / question.length;
        for (int i = 0; i < asked; i++) {
            assertThat(receiveSome(peer, answer.length() + 1)).isEqualTo(answer.length() + 1);
        }
        peer.send(new byte[] {'\n'}); // The end of the question that was cut off.
        assertThat(receiveSome(peer, answer.length() + 1)).isEqualTo(answer.length() + 1);
    }

    private static void ping(StreamPeer bystander) throws IOException {
        bystander.say("ping");
        assertThat(bystander.hear()).isEqualTo("pong");
    }

    @Test
    void whoeverWaitsForRoomIsTold() throws Exception {
        CompletableFuture<Connection<Object>> held = new CompletableFuture<>();
        Server server = holding(held);

        StreamPeer peer = dialSmall(server);
        Connection<Object> connection = get(held);
        CompletableFuture<Void> atOnce = new CompletableFuture<>();
        connection.whenWritable(() -> atOnce.complete(null));
        get(atOnce);
        assertThat(connection.send(new byte[8 * 1_024 * 1_024])).isTrue();
        await().until(() -> !connection.writable());
        CompletableFuture<Void> later = new CompletableFuture<>();
        connection.whenWritable(() -> later.complete(null));
        assertThat(later).isNotDone();
        assertThat(receiveSome(peer, 8 * 1_024 * 1_024)).isEqualTo(8 * 1_024 * 1_024);
        get(later);
        assertThat(connection.writable()).isTrue();
    }

    @Test
    void whoeverWaitsForRoomIsToldWhenTheConnectionEnds() throws Exception {
        CompletableFuture<Connection<Object>> held = new CompletableFuture<>();
        Server server = holding(held);

        StreamPeer peer = dialSmall(server);
        Connection<Object> connection = get(held);
        assertThat(connection.send(new byte[8 * 1_024 * 1_024])).isTrue();
        await().until(() -> !connection.writable());
        CompletableFuture<Void> later = new CompletableFuture<>();
        connection.whenWritable(() -> later.complete(null));
        peer.close();
        get(later);
        assertThat(connection.send("more")).isFalse();
    }

    /** Sends while there is room, and asks to be told of more; never looks whether anybody is still there. */
    private static void pump(Connection<Object> connection, AtomicInteger turns) {
        turns.incrementAndGet();
        while (connection.writable()) {
            connection.send(new byte[CHUNK]);
        }
        connection.whenWritable(() -> pump(connection, turns));
    }

    @Test
    void whoAsksAgainAtTheEndIsToldOnce() throws Exception {
        CompletableFuture<Connection<Object>> held = new CompletableFuture<>();
        AtomicInteger turns = new AtomicInteger();
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            Server server = start(listen().sessions(connection -> new Session<ByteBuf>() {
                @Override
                public void opened() {
                    pump(connection, turns);
                    held.complete(connection);
                }

                @Override
                public void received(ByteBuf message) {}
            }));
            dialSmall(server);
            Connection<Object> connection = get(held);
            await().until(() -> !connection.writable());
            int before = turns.get();
            connection.close(CloseReason.OUTBOUND_BUDGET);
            assertThat(get(connection.closed())).isEqualTo(CloseReason.OUTBOUND_BUDGET);
            int atTheEnd = turns.get();
            assertThat(atTheEnd).isGreaterThan(before).isLessThan(1_000);
            connection.whenWritable(() -> pump(connection, turns)); // It has ended already.
            await().untilAsserted(() -> assertThat(turns).hasValueGreaterThan(atTheEnd));
            assertThat(turns.get()).isLessThan(1_000);
            assertThat(log.warnings()).noneMatch(line -> line.contains("fault"));
        }
    }

    @Test
    void whoLeavesWithAFullQueueIsNoticed() throws Exception {
        CompletableFuture<Connection<Object>> held = new CompletableFuture<>();
        Server server = holding(held);

        StreamPeer peer = dialSmall(server);
        assertThat(get(held).send(new byte[8 * 1_024 * 1_024])).isTrue();
        await().until(() -> !get(held).writable());
        peer.close();
        await().untilAsserted(() -> assertThat(lives.reasons()).hasSize(1));
        assertThat(lives.reasons().get(0)).isIn(CloseReason.PEER_RESET, CloseReason.PEER_FINISHED);
    }

    @Test
    void aClosingConnectionFlushesEvenWhenItsPeerPausesReading() throws Exception {
        CompletableFuture<Connection<Object>> held = new CompletableFuture<>();
        Server server = holding(held);

        StreamPeer peer = dialSmall(server);
        Connection<Object> connection = get(held);
        for (int i = 0; i < 32; i++) {
            assertThat(connection.send(new byte[CHUNK])).isTrue();
        }
        connection.close();
        assertThat(receiveSome(peer, 100_000)).isEqualTo(100_000);
        peer.send(new byte[1_000]); // Not wanted any more, and no reason to reset.
        assertThat(peer.receiveAll()).hasSize(32 * CHUNK - 100_000);
        peer.close();
        awaitReasons(CloseReason.APPLICATION);
    }
}

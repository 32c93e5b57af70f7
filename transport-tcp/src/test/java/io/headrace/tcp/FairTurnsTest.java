package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.CloseReason;
import io.headrace.Connection;
import io.headrace.Meter;
import io.headrace.Server;
import io.headrace.Session;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Connections of one event loop take turns: counted in messages, not in time. */
class FairTurnsTest extends StreamTest {
    private static final int CHATTER = 20_000;

    @Test
    void whoHasMuchToSayDoesNotKeepOthersWaiting() throws Exception {
        List<String> order = new CopyOnWriteArrayList<>();
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch free = new CountDownLatch(1);
        int[] said = {0}; // Event loop only: so many of the chatter when each of the others was heard.
        Server server = start(linesOnOneLoop().consume(message -> {
            if (message.equals("block")) {
                blocked.countDown();
                awaitQuietly(free);
            } else if (message.equals("c")) {
                said[0]++;
            } else {
                order.add(message + " after " + said[0]);
            }
        }));

        StreamPeer chatter = dial(server);
        StreamPeer others = dial(server);
        await().until(() -> lives.begun() == 2);
        StreamPeer blocker = dial(server);
        blocker.say("block");
        blocked.await();
        chatter.send("c\n".repeat(CHATTER)); // Less than the smallest of the systems' buffers takes.
        others.say("me too");
        free.countDown();

        await().until(() -> order.size() == 1);
        int after = Integer.parseInt(order.get(0).replace("me too after ", ""));
        assertThat(after).isLessThanOrEqualTo(8 * StreamTail.MAX_TURN_MESSAGES);
        blocker.say("end");
        await().until(() -> order.size() == 2);
        chatter.say("and nothing is lost");
        await().untilAsserted(() -> assertThat(order).contains("and nothing is lost after " + CHATTER));
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aPeerThatFinishesWhileItsTurnIsOverIsHeardToTheEnd() throws Exception {
        Server server = start(linesOnOneLoop().reply(message -> message));

        StreamPeer peer = dial(server);
        peer.send("c\n".repeat(1_000));
        peer.finish();
        assertThat(peer.hearAll()).isEqualTo("c\n".repeat(1_000));
    }

    /** Sends so much, as fast as its peer takes it and no faster. */
    private static final class Streaming implements Session<ByteBuf> {
        private static final int CHUNK = 16 * 1_024;

        private final Connection<Object> connection;
        private long left;

        Streaming(Connection<Object> connection) {
            this.connection = connection;
        }

        @Override
        public void received(ByteBuf message) {
            if (message.readableBytes() == 1) { // "s" asks for the stream, "ping" for its echo.
                left = 256L * 1_024 * 1_024;
                pump();
            } else {
                connection.send(message.retainedDuplicate());
            }
        }

        @Override
        public void writable(boolean writable) {
            if (writable) {
                pump();
            }
        }

        private void pump() {
            while (left > 0 && connection.writable()) {
                connection.send(new byte[CHUNK]);
                left -= CHUNK;
            }
            if (left == 0) {
                left = -1;
                connection.close();
            }
        }
    }

    @Test
    void oneLongAnswerLeavesRoomForOthers() throws Exception {
        Server server = start(listen().loops(loops.threads(1)).sessions(Streaming::new));

        StreamPeer bystander = dial(server);
        StreamPeer reader = dial(server);
        reader.send("s");
        CompletableFuture<Long> reading = CompletableFuture.supplyAsync(() -> {
            try {
                long received = 0;
                for (byte[] some; (some = reader.receive(256 * 1_024)).length > 0; ) {
                    received += some.length;
                }
                return received;
            } catch (Exception broken) {
                throw new IllegalStateException(broken);
            }
        });
        int pongs = 0;
        while (!reading.isDone()) {
            bystander.send("ping");
            for (int received = 0; received < 4; ) {
                received += bystander.receive(4 - received).length;
            }
            pongs++;
        }
        assertThat(get(reading)).isEqualTo(256L * 1_024 * 1_024);
        assertThat(pongs).isGreaterThan(20);
    }

    @Test
    void whoStreamsAsItsPeerReadsHasNoMoreWaitingThanTheMarkAndAMessage() throws Exception {
        Server server = start(listen().sessions(Streaming::new));

        StreamPeer peer = dialSmall(server);
        peer.send("s");
        await().untilAsserted(
                        () -> assertThat(total(Meter.UNWRITABLE_CONNECTIONS)).isEqualTo(1));
        double entries = (64 + 16) / 16.0 * 128; // What Netty's queue itself takes.
        assertThat(total(Meter.OUTBOUND_PENDING)).isLessThanOrEqualTo((64 + 16) * 1_024 + entries);
        await().until(
                        () -> { // The system's buffers fill in their own time.
                            clock.advance(Duration.ofSeconds(1));
                            return !lives.reasons().isEmpty();
                        });
        awaitReasons(CloseReason.WRITE_STALLED);
        assertThat(total(Meter.DATA_DROPPED)).isBetween(1.0, (64 + 16) * 1_024 + entries);
        peer.close();
    }
}

package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.CloseReason;
import io.headrace.Connection;
import io.headrace.Meter;
import io.headrace.Server;
import io.headrace.Session;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Pushes to a peer that does not read: 600 of 16 KiB, of which the system's buffers take some and 256 KiB may wait. */
class SlowConsumerTest extends StreamTest {
    private static final int PUSH_BYTES = 16 * 1_024;
    private static final int PUSHES = 600;

    private final List<Boolean> heard = new CopyOnWriteArrayList<>();

    private final class Held implements Session<ByteBuf> {
        @Override
        public void received(ByteBuf message) {}

        @Override
        public void writable(boolean writable) {
            heard.add(writable);
        }
    }

    private StreamSetup<?, ByteBuf, Object> bounded() {
        return listen().with(WriteMarks.of(32 * 1_024, 64 * 1_024).cap(256 * 1_024));
    }

    private Connection<Object> connect(StreamSetup<?, ByteBuf, Object> setup, List<StreamPeer> peers) throws Exception {
        CompletableFuture<Connection<Object>> held = new CompletableFuture<>();
        Server server = start(setup.sessions(connection -> {
            held.complete(connection);
            return new Held();
        }));
        peers.add(dialSmall(server));
        return get(held);
    }

    /** Pushes everything in one turn of the loop; how many were refused. */
    private static int pushAll(Connection<Object> connection) throws Exception {
        CompletableFuture<Integer> refused = new CompletableFuture<>();
        connection.whenWritable(() -> {
            int count = 0;
            for (int i = 0; i < PUSHES; i++) {
                count += connection.send(push(i)) ? 0 : 1;
            }
            refused.complete(count);
        });
        return get(refused);
    }

    private static byte[] push(int number) {
        return ByteBuffer.allocate(PUSH_BYTES).putInt(number).array();
    }

    private static List<Integer> numbers(byte[] received) {
        List<Integer> numbers = new ArrayList<>();
        for (int at = 0; at < received.length; at += PUSH_BYTES) {
            numbers.add(ByteBuffer.wrap(received, at, PUSH_BYTES).getInt());
        }
        return numbers;
    }

    @Test
    void theOldestGoAndTheNewestArrive() throws Exception {
        List<StreamPeer> peers = new ArrayList<>();
        Connection<Object> connection = connect(bounded().with(SlowConsumer.dropOldest()), peers);
        for (int i = 0; i < PUSHES; i++) {
            assertThat(connection.send(push(i))).isTrue();
        }
        connection.close();

        List<Integer> numbers = numbers(peers.get(0).receiveAll());
        assertThat(numbers).isSorted().doesNotHaveDuplicates().startsWith(0).endsWith(PUSHES - 1);
        int dropped = PUSHES - numbers.size();
        assertThat(dropped).isPositive();
        assertThat(total(Meter.MESSAGES_DROPPED)).isEqualTo(dropped);
        assertThat(numbers.subList(numbers.size() - 10, numbers.size())).contains(PUSHES - 10); // None of the newest.
    }

    @Test
    void anAnswerIsNotDroppedForPushesAfterIt() throws Exception {
        Server server = start(bounded().with(SlowConsumer.dropOldest()).handle((message, exchange) -> {
            for (int i = 0; i < PUSHES / 2; i++) {
                exchange.peer().send(push(i));
            }
            exchange.reply(push(-1));
            for (int i = PUSHES / 2; i < PUSHES; i++) {
                exchange.peer().send(push(i));
            }
        }));

        StreamPeer peer = dialSmall(server);
        peer.send("x");
        peer.finish();
        List<Integer> numbers = numbers(peer.receiveAll());
        assertThat(numbers).containsOnlyOnce(-1).endsWith(PUSHES - 1);
        assertThat(numbers.size()).isLessThan(PUSHES);
    }

    @Test
    void whatWaitsIsDroppedWithItsConnection() throws Exception {
        Assumptions.assumeTrue(medium == Medium.IN_MEMORY, "where it is known to the byte what waits");
        List<StreamPeer> peers = new ArrayList<>();
        Connection<Object> connection = connect(bounded().with(SlowConsumer.dropOldest()), peers);
        assertThat(pushAll(connection)).isZero();
        await().untilAsserted(() -> assertThat(total(Meter.OUTBOUND_PENDING)).isBetween(256.0 * 1_024, 400.0 * 1_024));
        assertThat(total(Meter.MESSAGES_DROPPED)).isGreaterThan(500);
        peers.get(0).close();
        get(connection.closed());
        await().untilAsserted(() -> assertThat(total(Meter.OUTBOUND_PENDING)).isZero());
        assertThat(total(Meter.DATA_DROPPED)).isGreaterThan(200.0 * 1_024);
    }

    @Test
    void theNewestAreRefusedAndCounted() throws Exception {
        List<StreamPeer> peers = new ArrayList<>();
        Connection<Object> connection = connect(bounded().with(SlowConsumer.dropNewest()), peers);
        int refused = pushAll(connection);
        assertThat(refused).isPositive();
        assertThat(total(Meter.MESSAGES_DROPPED)).isEqualTo(refused);
        connection.close();
        assertThat(peers.get(0).receiveAll()).hasSize((PUSHES - refused) * PUSH_BYTES);
    }

    @Test
    void theConnectionEndsWhereThatIsChosen() throws Exception {
        List<StreamPeer> peers = new ArrayList<>();
        Connection<Object> connection = connect(bounded().with(SlowConsumer.close()), peers);
        assertThat(pushAll(connection)).isPositive();
        assertThat(get(connection.closed())).isEqualTo(CloseReason.SLOW_CONSUMER);
        awaitReasons(CloseReason.SLOW_CONSUMER);
    }

    @Test
    void aSessionHearsWhenItsPeerFallsBehindAndWhenItHasCaughtUp() throws Exception {
        List<StreamPeer> peers = new ArrayList<>();
        Connection<Object> connection = connect(bounded(), peers);
        assertThat(connection.send(new byte[8 * 1_024 * 1_024])).isTrue();
        await().untilAsserted(() -> assertThat(heard).containsExactly(false));
        for (int left = 8 * 1_024 * 1_024; left > 0; ) {
            byte[] some = peers.get(0).receive(left);
            assertThat(some).isNotEmpty();
            left -= some.length;
        }
        await().untilAsserted(() -> assertThat(heard).containsExactly(false, true));
        peers.get(0).close();
    }
}

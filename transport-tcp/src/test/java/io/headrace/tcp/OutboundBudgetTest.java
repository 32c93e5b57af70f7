package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.CloseReason;
import io.headrace.Connection;
import io.headrace.Endpoint;
import io.headrace.LogCapture;
import io.headrace.Meter;
import io.headrace.Server;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What waits toward all peers together is bounded, and the clock stands still: nothing here waits for a sweep. */
class OutboundBudgetTest extends StreamTest {
    private static final int MIB = 1_024 * 1_024;

    private final OutboundBudget budget = OutboundBudget.of(13 * MIB);
    private final List<Connection<Object>> connections = new CopyOnWriteArrayList<>();

    private StreamSetup<?, ByteBuf, Object> within(StreamSetup<?, ByteBuf, Object> setup) {
        return setup.with(budget).with(WriteMarks.of(32 * 1_024, 64 * 1_024).cap(64 * MIB));
    }

    /** A peer that does not read, and what waits for it but for what the system's buffers take. */
    private Waiting waiting(Server server, int address, int bytes) throws Exception {
        int before = connections.size();
        StreamPeer peer = closing(medium.dialSmall(server.addresses().get(address)));
        await().until(() -> connections.size() > before);
        Connection<Object> connection = connections.get(before);
        assertThat(connection.send(new byte[bytes])).isTrue();
        await().until(() -> !connection.writable());
        return new Waiting(peer, connection, bytes);
    }

    private record Waiting(StreamPeer peer, Connection<Object> connection, int bytes) {
        void receiveAll() throws IOException {
            for (int received = 0; received < bytes; ) {
                byte[] some = peer.receive(bytes - received);
                assertThat(some).isNotEmpty();
                received += some.length;
            }
        }
    }

    @Test
    void theWorstIsCutOffAndTheOthersAreServed() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            Server server = start(within(listen()).onConnect(connections::add));

            Waiting first = waiting(server, 0, 4 * MIB);
            Waiting worst = waiting(server, 0, 8 * MIB);
            await().untilAsserted(
                            () -> assertThat(total(Meter.OUTBOUND_PENDING)).isBetween(12.0 * MIB, 13.0 * MIB));
            await().untilAsserted(() ->
                    assertThat(total(Meter.UNWRITABLE_CONNECTIONS)).isEqualTo(2));
            Waiting last = waiting(server, 0, 4 * MIB);
            awaitReasons(CloseReason.OUTBOUND_BUDGET);
            assertThat(get(worst.connection.closed())).isEqualTo(CloseReason.OUTBOUND_BUDGET);
            assertThat(budget.pendingBytes()).isLessThanOrEqualTo(budget.bytes());
            assertThat(total(Meter.DATA_DROPPED)).isGreaterThan(4.0 * MIB);
            assertThat(log.warnings()).hasSize(1);
            assertThat(log.warnings().get(0)).contains("when OutboundBudget was spent");

            first.receiveAll();
            last.receiveAll();
            await().untilAsserted(
                            () -> assertThat(total(Meter.OUTBOUND_PENDING)).isZero());
            await().untilAsserted(() ->
                    assertThat(total(Meter.UNWRITABLE_CONNECTIONS)).isZero());
            clock.advance(Duration.ofSeconds(1));
            assertThat(budget.pendingBytes()).isZero();
        }
    }

    @Test
    void endpointsShareWhatTheyWereGiven() throws Exception {
        Server server = start(
                within(listen()).onConnect(connections::add),
                within(Medium.setup(medium.listening()).named("other").loops(loops))
                        .onConnect(connections::add));

        Waiting first = waiting(server, 1, 4 * MIB);
        Waiting worst = waiting(server, 0, 8 * MIB);
        Waiting last = waiting(server, 1, 4 * MIB);
        assertThat(get(worst.connection.closed())).isEqualTo(CloseReason.OUTBOUND_BUDGET);
        first.receiveAll();
        last.receiveAll();
        assertThat(last.connection.send("more")).isTrue();
    }

    @Test
    void aBudgetOfItsOwnKnowsNothingOfOthers() throws Exception {
        Server server = start(
                within(listen()).onConnect(connections::add),
                Medium.setup(medium.listening())
                        .named("other")
                        .loops(loops)
                        .with(OutboundBudget.off())
                        .onConnect(connections::add));

        waiting(server, 1, 16 * MIB);
        waiting(server, 0, 4 * MIB);
        await().untilAsserted(() -> assertThat(budget.pendingBytes()).isPositive());
        assertThat(budget.pendingBytes()).isLessThan(5 * MIB);
        assertThat(lives.reasons()).isEmpty();
    }

    @Test
    void asManyAreShedAsItTakes() throws Exception {
        Assumptions.assumeTrue(medium == Medium.IN_MEMORY, "where it is known to the byte what waits");
        Server server = start(within(listen()).onConnect(connections::add));

        for (int i = 0; i < 3; i++) {
            waiting(server, 0, 3 * MIB);
        }
        waiting(server, 0, 1 * MIB);
        assertThat(lives.reasons()).isEmpty();
        waiting(server, 0, 9 * MIB);
        awaitReasons(CloseReason.OUTBOUND_BUDGET); // The last: it was the worst.
        waiting(server, 0, 4 * MIB);
        awaitReasons(CloseReason.OUTBOUND_BUDGET, CloseReason.OUTBOUND_BUDGET);
        assertThat(budget.pendingBytes()).isBetween(9L * MIB, 11L * MIB);
    }

    @Test
    void whatAStoppedEndpointHeldIsGivenBack() throws Exception {
        Server server = start(within(listen()).onConnect(connections::add));

        waiting(server, 0, 4 * MIB);
        await().untilAsserted(() -> assertThat(budget.pendingBytes()).isPositive());
        server.stop(Duration.ZERO).get();
        assertThat(budget.pendingBytes()).isZero();
    }
}

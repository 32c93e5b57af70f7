package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.CloseReason;
import io.headrace.Connection;
import io.headrace.LogCapture;
import io.headrace.Meter;
import io.headrace.Server;
import io.headrace.tcp.MemoryPressure.Level;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Memory that runs short and comes back, as a number that the test sets. */
class MemoryPressureTest extends StreamTest {
    private final AtomicLong used = new AtomicLong();
    private final MemoryPressure pressure = MemoryPressure.of(used::get, 100);

    private void pass(int seconds) {
        clock.advance(Duration.ofSeconds(seconds));
    }

    private Level at(int percent) {
        used.set(percent);
        pass(1);
        return pressure.level();
    }

    private StreamSetup<?, ByteBuf, Object> listenUnderPressure() {
        return listen().loops(loops.threads(1)).with(pressure);
    }

    @Test
    void itGivesWayInStepsAndComesBackFivePointsLower() {
        try (LogCapture log = LogCapture.of(MemoryPressure.class)) {
            start(listenUnderPressure().reply(bytes -> bytes));

            assertThat(at(79)).isEqualTo(Level.RELAXED);
            assertThat(at(80)).isEqualTo(Level.SHORT);
            assertThat(at(76)).isEqualTo(Level.SHORT);
            assertThat(at(74)).isEqualTo(Level.RELAXED);
            assertThat(at(92)).isEqualTo(Level.SCARCE);
            assertThat(at(88)).isEqualTo(Level.SCARCE);
            assertThat(at(96)).isEqualTo(Level.CRITICAL);
            assertThat(at(91)).isEqualTo(Level.CRITICAL);
            assertThat(at(89)).isEqualTo(Level.SCARCE);
            assertThat(at(10)).isEqualTo(Level.RELAXED);
            assertThat(log.warnings()).hasSize(6); // One for each change.
        }
    }

    @Test
    void aGaugeTellsTheLevel() {
        start(listenUnderPressure().reply(bytes -> bytes));
        at(93);
        assertThat(registry.get("headrace.memory.pressure").gauge().value()).isEqualTo(Level.SCARCE.ordinal());
    }

    @Test
    void itIsJudgedOnceASecondHoweverManyShareIt() {
        AtomicInteger asked = new AtomicInteger();
        MemoryPressure counting = MemoryPressure.of(
                () -> {
                    asked.incrementAndGet();
                    return 0;
                },
                100);
        start(
                listen().with(counting).reply(bytes -> bytes),
                Medium.setup(medium.listening())
                        .named("other")
                        .loops(loops)
                        .with(counting)
                        .reply(bytes -> bytes));
        pass(1);
        asked.set(0);
        pass(5);
        assertThat(asked.get()).isBetween(4, 6);
    }

    @Test
    void clocksRunFasterWhileMemoryIsShort() throws Exception {
        Server server = start(listenUnderPressure().reply(bytes -> bytes));

        StreamPeer peer = dial(server);
        await().until(() -> lives.begun() == 1);
        assertThat(at(85)).isEqualTo(Level.SHORT);
        pass(5);
        assertThat(lives.reasons()).isEmpty();
        pass(4); // 30 s, four times as fast.
        assertThat(peer.receive(1)).isEmpty();
        peer.close();
        awaitReasons(CloseReason.FIRST_BYTE_TIMEOUT);

        assertThat(at(10)).isEqualTo(Level.RELAXED);
        dial(server);
        await().until(() -> lives.begun() == 2);
        pass(20);
        assertThat(lives.reasons()).hasSize(1);
    }

    @Test
    void nobodyIsLetInWhileMemoryIsScarceAndThenWhoWaited() throws Exception {
        Server server = start(listenUnderPressure().reply(bytes -> bytes));

        StreamPeer before = dial(server);
        before.send("x");
        assertThat(before.receive(1)).hasSize(1);
        assertThat(at(93)).isEqualTo(Level.SCARCE);
        StreamPeer late = dial(server);
        late.send("y");
        before.send("x");
        assertThat(before.receive(1)).hasSize(1); // Who is in is served.
        assertThat(lives.begun()).isEqualTo(1);
        assertThat(at(10)).isEqualTo(Level.RELAXED);
        assertThat(late.receive(1)).hasSize(1);
        assertThat(lives.begun()).isEqualTo(2);
    }

    @Test
    void theWorstIsShedASecondUntilMemoryIsBack() throws Exception {
        List<Connection<Object>> connections = new CopyOnWriteArrayList<>();
        Server server = start(listenUnderPressure().onConnect(connections::add));

        for (int i = 0; i < 2; i++) {
            int before = i;
            dialSmall(server);
            await().until(() -> connections.size() > before);
            connections.get(before).send(new byte[(before + 1) * 8 * 1_024 * 1_024]);
            await().until(() -> !connections.get(before).writable());
        }
        assertThat(at(96)).isEqualTo(Level.CRITICAL);
        assertThat(get(connections.get(1).closed())).isEqualTo(CloseReason.MEMORY_PRESSURE);
        assertThat(at(10)).isEqualTo(Level.RELAXED);
        assertThat(lives.reasons()).containsExactly(CloseReason.MEMORY_PRESSURE);
    }

    @Test
    void aFrameThatIsNotWholeIsHeldMemoryToo() throws Exception {
        Server server = start(listenUnderPressure()
                .with(Framing.lengthPrefixed(4, 1_024 * 1_024))
                .reply(frame -> frame));

        StreamPeer small = dial(server);
        StreamPeer large = dial(server);
        small.send(new byte[] {0, 8, 0, 0, 1});
        large.send(new byte[] {0, 8, 0, 0, 1});
        await().untilAsserted(() -> assertThat(total(Meter.DATA_RECEIVED)).isEqualTo(10));
        large.send(new byte[100_000]);
        await().untilAsserted(() -> assertThat(total(Meter.DATA_RECEIVED)).isEqualTo(100_010));
        assertThat(at(96)).isEqualTo(Level.CRITICAL);
        awaitReasons(CloseReason.MEMORY_PRESSURE);
        assertThat(at(10)).isEqualTo(Level.RELAXED);
        small.send(new byte[512 * 1_024 - 1]);
        assertThat(small.receive(4)).hasSize(4);
        assertThat(lives.reasons()).containsExactly(CloseReason.MEMORY_PRESSURE);
    }
}

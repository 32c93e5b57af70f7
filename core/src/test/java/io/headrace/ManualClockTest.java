package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ManualClockTest {
    private final TestLoop loop = new TestLoop();
    private final ManualClock clock = Clock.manual(); // Not the loop's own, which sweeps by it.
    private final List<Long> ran = Collections.synchronizedList(new ArrayList<>());
    private final long startNs = clock.nanoTime();

    @AfterEach
    void stopLoop() {
        loop.close();
    }

    private Future<?> everySecond() {
        return clock.every(1_000_000_000, loop.loop.eventLoop(), () -> ran.add(clock.nanoTime() - startNs));
    }

    @Test
    void itStandsStillUntilItIsMoved() {
        assertThat(clock.nanoTime()).isEqualTo(startNs);
    }

    @Test
    void itMovesByWhatIsSaid() {
        clock.advance(Duration.ofMillis(3));
        assertThat(clock.nanoTime() - startNs).isEqualTo(3_000_000);
    }

    @Test
    void nothingRunsBeforeItFallsDue() {
        everySecond();
        clock.advance(Duration.ofMillis(999));
        assertThat(ran).isEmpty();
    }

    @Test
    void everyRoundRunsAtItsOwnTime() {
        everySecond();
        clock.advance(Duration.ofMillis(3_500));
        assertThat(ran).containsExactly(1_000_000_000L, 2_000_000_000L, 3_000_000_000L);
    }

    @Test
    void whatFellDueDuringAPauseRunsOnceAndLate() {
        everySecond();
        clock.pause(Duration.ofMinutes(1));
        clock.advance(Duration.ofSeconds(1));
        assertThat(ran).containsExactly(60_000_000_000L, 61_000_000_000L);
    }

    @Test
    void whatFallsDueFirstRunsFirst() {
        clock.every(2_000_000_000, loop.loop.eventLoop(), () -> ran.add(2L));
        clock.every(1_500_000_000, loop.loop.eventLoop(), () -> ran.add(1L));
        clock.advance(Duration.ofSeconds(2));
        assertThat(ran).containsExactly(1L, 2L);
    }

    @Test
    void roundsRunOnTheirLoop() {
        List<String> threads = Collections.synchronizedList(new ArrayList<>());
        clock.every(
                1_000_000_000,
                loop.loop.eventLoop(),
                () -> threads.add(Thread.currentThread().getName()));
        clock.advance(Duration.ofSeconds(1));
        assertThat(threads).containsExactly("test-loop-1");
    }

    @Test
    void itCanBeMovedFromTheLoopItself() {
        everySecond();
        loop.run(() -> clock.advance(Duration.ofSeconds(1)));
        assertThat(ran).hasSize(1);
    }

    @Test
    void whatIsCancelledRunsNoMore() {
        Future<?> rounds = everySecond();
        clock.advance(Duration.ofSeconds(1));
        rounds.cancel(false);
        clock.advance(Duration.ofSeconds(5));
        assertThat(ran).hasSize(1);
    }

    @Test
    void aLoopThatHasStoppedIsLeftOut() {
        everySecond();
        loop.close();
        clock.advance(Duration.ofSeconds(5));
        assertThat(ran).isEmpty();
        assertThat(clock.nanoTime() - startNs).isEqualTo(5_000_000_000L);
    }
}

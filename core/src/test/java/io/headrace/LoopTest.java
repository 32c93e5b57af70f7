package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The one coarse sweep of a loop. */
class LoopTest {
    private final TestLoop loop = new TestLoop();
    private final List<Long> swept = new ArrayList<>();
    private final long startNs = loop.clock.nanoTime();

    @AfterEach
    void stopLoop() {
        loop.close();
    }

    private Runnable sweeping() {
        return loop.loop.onSweep(nowNs -> swept.add((nowNs - startNs) / 1_000_000));
    }

    private void advance(long millis) {
        loop.clock.advance(Duration.ofMillis(millis));
    }

    @Test
    void itSweepsOnceASecond() {
        sweeping();
        advance(3_000);
        assertThat(swept).containsExactly(1_000L, 2_000L, 3_000L);
    }

    @Test
    void itSweepsAsOftenAsTheFinestAsks() {
        loop.loop.refine(Duration.ofMillis(250));
        sweeping();
        advance(1_000);
        assertThat(swept).containsExactly(250L, 500L, 750L, 1_000L);
    }

    @Test
    void aCoarserWishChangesNothing() {
        loop.loop.refine(Duration.ofMillis(250));
        loop.loop.refine(Duration.ofSeconds(30));
        sweeping();
        advance(500);
        assertThat(swept).containsExactly(250L, 500L);
    }

    @Test
    void itNeverSweepsMoreOftenThanOnceAMillisecond() {
        loop.loop.refine(Duration.ofNanos(1));
        sweeping();
        advance(3);
        assertThat(swept).containsExactly(1L, 2L, 3L);
    }

    @Test
    void whoHasGoneIsSweptNoMore() {
        Runnable gone = sweeping();
        advance(1_000);
        gone.run();
        advance(1_000);
        assertThat(swept).containsExactly(1_000L);
    }

    @Test
    void aSweepThatThrowsKeepsNobodyElseFromTheirs() {
        try (LogCapture log = LogCapture.of(Loops.class)) {
            loop.loop.onSweep(nowNs -> {
                throw new IllegalStateException("on purpose");
            });
            sweeping();
            advance(2_000);
            assertThat(swept).containsExactly(1_000L, 2_000L);
            assertThat(log.warnings()).containsOnly("a sweep of test-loop-1 failed");
        }
    }

    @Test
    void aLoopThatIsOnTimeHasNoLag() {
        advance(1_000);
        assertThat(loop.loop.lagNs()).isZero();
    }

    /** A clock whose round comes when the test says so, however late that is. */
    private static final class LateClock implements Clock {
        private long nowNs;
        private Runnable round;

        @Override
        public long nanoTime() {
            return nowNs;
        }

        @Override
        public Future<?> every(long periodNs, EventLoop loop, Runnable task) {
            round = task;
            return new CompletableFuture<>();
        }

        void sweepAfter(Duration pause) {
            nowNs += pause.toNanos();
            round.run();
        }
    }

    private final LateClock lateClock = new LateClock();

    /** A loop that sweeps by the late clock. */
    private Loop lateLoop() {
        Loop late = new Loop(loop.loop.eventLoop(), Thread.currentThread(), lateClock);
        late.onSweep(nowNs -> swept.add(nowNs / 1_000_000));
        return late;
    }

    @Test
    void aLoopThatIsLateSaysHowMuch() {
        Loop late = lateLoop();
        lateClock.sweepAfter(Duration.ofMillis(1_500));
        assertThat(late.lagNs()).isEqualTo(500_000_000);
    }

    @Test
    void aLittleLateItStillSweeps() {
        lateLoop();
        lateClock.sweepAfter(Duration.ofMillis(3_000));
        assertThat(swept).containsExactly(3_000L);
    }

    @Test
    void afterAPauseNothingIsJudgedUntilTheNextRound() {
        lateLoop();
        lateClock.sweepAfter(Duration.ofMinutes(1));
        assertThat(swept).isEmpty();
        lateClock.sweepAfter(Duration.ofSeconds(1));
        assertThat(swept).containsExactly(2_000L); // The pause is nobody's.
    }

    @Test
    void aLoopThatIsAlwaysLateJudgesEveryOtherRound() {
        lateLoop();
        for (int i = 0; i < 4; i++) {
            lateClock.sweepAfter(Duration.ofSeconds(10));
        }
        assertThat(swept).containsExactly(11_000L, 22_000L); // Every other lateness counts.
    }

    @Test
    void aStampFromBeforeAPauseIsAsOldAsTheTimeThatWasSweptSince() {
        Loop late = lateLoop();
        lateClock.sweepAfter(Duration.ofSeconds(1));
        long thenNs = lateClock.nanoTime();
        for (int i = 0; i < 3; i++) {
            lateClock.sweepAfter(Duration.ofMinutes(10));
            lateClock.sweepAfter(Duration.ofSeconds(1));
        }
        long nowNs = late.sweptNs(lateClock.nanoTime());
        assertThat(Duration.ofNanos(nowNs - late.sweptNs(thenNs))).isEqualTo(Duration.ofSeconds(6));
        assertThat(swept).endsWith(nowNs / 1_000_000);
    }

    @Test
    void whatIsStampedBetweenAPauseAndTheLateRoundIsNotOlderThanThatRound() {
        Loop late = lateLoop();
        lateClock.nowNs += Duration.ofMinutes(10).toNanos();
        long thenNs = lateClock.nanoTime(); // The process runs again, and its input is read first.
        lateClock.sweepAfter(Duration.ofMillis(5));
        long atTheRoundNs = late.sweptNs(lateClock.nanoTime());
        assertThat(atTheRoundNs - late.sweptNs(thenNs)).isZero();
        lateClock.sweepAfter(Duration.ofSeconds(1));
        assertThat(Duration.ofNanos(late.sweptNs(lateClock.nanoTime()) - late.sweptNs(thenNs)))
                .isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void utilizationIsAShare() {
        advance(2_000);
        assertThat(loop.loop.utilization()).isBetween(0.0, 1.0);
    }
}

package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Core has no native library on its path, so here NIO is all there is. */
class LoopsTest {
    private final Loops loops = Loops.of(Loops.Backend.NIO).threads(2).named("mine");

    private static List<String> problems(Loops loops) {
        Problems problems = new Problems("test");
        loops.check(problems);
        return problems.lines();
    }

    // ---- beside them

    @Test
    void thoseOfTheSameBackendAreThemselves() {
        assertThat(loops.beside(Loops.Backend.NIO)).isSameAs(loops);
    }

    @Test
    void thoseBesideAreAlwaysTheSame() {
        Loops beside = loops.beside(Loops.Backend.EPOLL);
        assertThat(beside).isNotSameAs(loops).isSameAs(loops.beside(Loops.Backend.EPOLL));
        assertThat(beside).hasToString("2 x epoll");
    }

    // ---- threads

    @Test
    void threadsCarryTheirNameAndANumber() {
        LoopGroup group = loops.acquire();
        try {
            assertThat(group.loops()).extracting(Loop::name).containsExactly("mine-1", "mine-2");
        } finally {
            loops.release();
        }
    }

    @Test
    void threadsAreNettysFastOnes() {
        LoopGroup group = loops.acquire();
        try {
            assertThat(group.loops()).extracting(Loop::thread).allMatch(FastThreadLocalThread.class::isInstance);
        } finally {
            loops.release();
        }
    }

    @Test
    void threadsKeepTheProcessAliveWhoeverStartsThem() throws InterruptedException {
        Thread starter = new Thread(loops::acquire);
        starter.setDaemon(true);
        starter.start();
        starter.join();
        try {
            assertThat(loops.acquire().loops()).noneMatch(loop -> loop.thread().isDaemon());
            loops.release();
        } finally {
            loops.release();
        }
    }

    @Test
    void oneUserMoreSharesTheThreads() {
        LoopGroup first = loops.acquire();
        try {
            assertThat(loops.acquire()).isSameAs(first);
            loops.release();
        } finally {
            loops.release();
        }
    }

    @Test
    void threadsRunWhileOneUserIsLeft() {
        LoopGroup group = loops.acquire();
        loops.acquire();
        loops.release();
        try {
            assertThat(group.loops().get(0).thread().isAlive()).isTrue();
        } finally {
            loops.release();
        }
    }

    @Test
    void threadsEndWithTheirLastUser() {
        LoopGroup group = loops.acquire();
        loops.release();
        await().until(() ->
                group.loops().stream().noneMatch(loop -> loop.thread().isAlive()));
        EventLoop ended = group.loops().get(0).eventLoop();
        assertThatThrownBy(() -> ended.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void threadsStartAgainForTheNextUser() {
        LoopGroup before = loops.acquire();
        loops.release();
        LoopGroup after = loops.acquire();
        try {
            assertThat(after).isNotSameAs(before);
            assertThat(after.loops().get(0).thread().isAlive()).isTrue();
        } finally {
            loops.release();
        }
    }

    @Test
    void theWatchdogEndsWithTheThreads() {
        loops.acquire();
        loops.release();
        await().until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("mine-watchdog")));
    }

    @Test
    void theLastUserMayLeaveOnTheLoopItself() {
        LoopGroup group = loops.acquire();
        group.loops().get(0).eventLoop().execute(loops::release);
        await().until(() ->
                group.loops().stream().noneMatch(loop -> loop.thread().isAlive()));
    }

    @Test
    void whatIsChangedSharesNoThreads() {
        LoopGroup group = loops.acquire();
        Loops other = loops.named("other");
        try {
            assertThat(other.acquire()).isNotSameAs(group);
            other.release();
        } finally {
            loops.release();
        }
    }

    @Test
    void aStartThatFailsLeavesNoUserBehind() {
        Loops missing = Loops.of(Loops.Backend.EPOLL).threads(1);
        assertThatThrownBy(missing::acquire).isNotInstanceOf(NullPointerException.class);
        assertThatThrownBy(missing::acquire).isNotInstanceOf(NullPointerException.class);
    }

    // ---- backends

    @Test
    void autoTakesTheBestThereIs() {
        assertThat(Loops.auto().backend()).isEqualTo(Loops.Backend.NIO);
    }

    @Test
    void explainSaysWhatWasChosenAndWhyNotTheOthers() {
        List<String> lines = Loops.auto().explain();
        assertThat(lines).hasSize(4);
        assertThat(lines.get(0)).isEqualTo("nio: chosen, the best of those that auto takes");
        assertThat(lines.subList(1, 4)).allMatch(line -> line.matches("(io_uring|epoll|kqueue): not available: .+"));
    }

    @Test
    void explainSaysWhatWasChosenByName() {
        assertThat(loops.explain().get(0)).isEqualTo("nio: chosen by name");
    }

    @Test
    void aBackendThatTheMachineDoesNotHaveIsAProblem() {
        assertThat(problems(Loops.of(Loops.Backend.KQUEUE)))
                .singleElement()
                .asString()
                .startsWith("loops: kqueue (expected: available on this machine, but not available: ");
    }

    @Test
    void aBackendThatTheMachineHasIsNoProblem() {
        assertThat(problems(loops)).isEmpty();
    }

    // ---- settings

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1_025})
    void aNumberOfThreadsThatMakesNoSenseIsAProblem(int threads) {
        assertThat(problems(loops.threads(threads)))
                .containsExactly("loops.threads: " + threads + " (expected: 1 to 1024)");
    }

    @Test
    void aWatchdogThatNeverWaitsIsAProblem() {
        assertThat(problems(loops.reportBlockedAfter(Duration.ZERO)))
                .containsExactly("loops.reportBlockedAfter: PT0S (expected: > 0, at most 100 years)");
    }

    @Test
    void loopsPrintHowManyAndOnWhat() {
        assertThat(loops).hasToString("2 x nio");
    }
}

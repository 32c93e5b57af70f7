package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoop;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Who tells event loops when a round is due. */
class MetronomeTest {
    private static final long PERIOD_NS = Duration.ofMillis(2).toNanos();

    private final AtomicInteger rounds = new AtomicInteger();
    private final AtomicInteger beats = new AtomicInteger();

    /** A loop that can do nothing but take tasks: whoever sets a timer on it fails. */
    private EventLoop loop(Consumer<Runnable> takes) {
        return (EventLoop) Proxy.newProxyInstance(
                EventLoop.class.getClassLoader(), new Class<?>[] {EventLoop.class}, (proxy, method, arguments) -> {
                    if (!method.getName().equals("execute")) {
                        throw new IllegalStateException(method.getName());
                    }
                    beats.incrementAndGet();
                    takes.accept((Runnable) arguments[0]);
                    return null;
                });
    }

    private Future<?> every(EventLoop loop) {
        return Clock.system().every(PERIOD_NS, loop, rounds::incrementAndGet);
    }

    @Test
    void aLoopHasNoTimerOfItsOwn() {
        Future<?> beating = every(loop(Runnable::run));
        await().until(() -> rounds.get() >= 3);
        beating.cancel(false);
        assertThat(beating).isCancelled();
    }

    @Test
    void roundsDoNotPileUpOnABlockedLoop() {
        Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
        Future<?> blocked = every(loop(waiting::add));
        Future<?> other = every(loop(Runnable::run));
        await().until(() -> rounds.get() >= 10); // The other's.
        assertThat(waiting).hasSize(1);
        other.cancel(false);

        waiting.remove().run();
        await().until(() -> waiting.size() == 1);
        blocked.cancel(false);
    }

    @Test
    void aLoopThatHasEndedIsToldNothingMore() {
        Future<?> beating = every(loop(task -> {
            throw new RejectedExecutionException("ended");
        }));
        await().until(beating::isDone);
        assertThat(beats).hasValue(1);
    }

    @Test
    void itsThreadEndsWhenThereIsNothingToTell() {
        Metronome metronome = new Metronome("idle-metronome", Duration.ofMillis(10));
        Future<?> beating = metronome.every(PERIOD_NS, loop(Runnable::run), rounds::incrementAndGet);
        await().until(() -> rounds.get() > 0);
        assertThat(running("idle-metronome")).isTrue();
        beating.cancel(false);
        await().until(() -> !running("idle-metronome"));
    }

    private static boolean running(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals(name));
    }
}

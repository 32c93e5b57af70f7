package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How much other threads may leave at the door of an event loop. */
class HandoverTest {
    private final EventLoop loop = new DefaultEventLoop();
    private final AtomicInteger ran = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final Handover handover = new Handover(loop, refused::incrementAndGet);

    @AfterEach
    void stop() {
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private int takenOf(int tasks) {
        int taken = 0;
        for (int i = 0; i < tasks; i++) {
            taken += handover.execute(ran::incrementAndGet) ? 1 : 0;
        }
        return taken;
    }

    @Test
    void runsOnTheLoopWhatItTook() {
        assertThat(takenOf(10)).isEqualTo(10);
        await().until(() -> ran.get() == 10);
    }

    @Test
    void aBlockedLoopIsLeftAThousandTasksAndNoMore() {
        CountDownLatch free = new CountDownLatch(1);
        loop.execute(() -> waitFor(free));
        assertThat(takenOf(1_500)).isEqualTo(1_024);
        free.countDown();
        await().until(() -> ran.get() == 1_024 && refused.get() == 476);
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void takesNothingWhenTheLoopHasEnded() {
        stop();
        assertThat(takenOf(2_000)).isZero();
    }
}

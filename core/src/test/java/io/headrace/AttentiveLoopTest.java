package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoop;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When an event loop turns to its I/O handler, and what it tells it of the time that it may wait. */
class AttentiveLoopTest {
    private static final long MILLISECOND_NS = 1_000_000;

    private final Waits waits = new Waits();

    @Test
    void withoutTimersALoopWaitsWithoutEnd() {
        LoopGroup group = start();
        await().untilAsserted(() -> {
            assertThat(waits.deadlineNs).isEqualTo(-1);
            assertThat(waits.delayNs).isEqualTo(Long.MAX_VALUE);
        });
        group.stop();
    }

    @Test
    void aTimerEndsTheWait() {
        LoopGroup group = start();
        group.loops().get(0).eventLoop().schedule(() -> {}, 1, TimeUnit.HOURS);
        await().untilAsserted(() -> {
            assertThat(waits.deadlineNs).isPositive();
            assertThat(waits.delayNs)
                    .isBetween(TimeUnit.MINUTES.toNanos(59), TimeUnit.HOURS.toNanos(1) + TimeUnit.MINUTES.toNanos(1));
        });
        group.stop();
    }

    @Test
    void tasksThatGoOnForEverLeaveTurnsToSockets() {
        LoopGroup group = start();
        EventLoop loop = group.loops().get(0).eventLoop();
        loop.execute(new Runnable() {
            @Override
            public void run() {
                waits.tasksSinceRun++;
                for (long end = System.nanoTime() + MILLISECOND_NS; System.nanoTime() < end; ) {
                    Thread.onSpinWait();
                }
                if (waits.turnsAmongTasks < 4) {
                    loop.execute(this);
                }
            }
        });
        await().until(() -> waits.turnsAmongTasks >= 4);
        assertThat(waits.mostTasks)
                .isLessThan(200); // 64 of a millisecond each, where Netty's own loop runs a thousand.
        group.stop();
    }

    private LoopGroup start() {
        return LoopGroup.start(1, "attentive", waits, Clock.system(), Duration.ofSeconds(1));
    }

    /** Waits until it is woken, and remembers how long it might have. */
    private static final class Waits implements IoHandlerFactory, IoHandler {
        private final Semaphore woken = new Semaphore(0);
        private volatile int turnsAmongTasks;
        private volatile int mostTasks;
        private int tasksSinceRun; // On the loop.
        private volatile long deadlineNs;
        private volatile long delayNs;

        @Override
        public IoHandler newHandler(ThreadAwareExecutor executor) {
            return this;
        }

        @Override
        public int run(IoHandlerContext context) {
            if (tasksSinceRun > 0) {
                mostTasks = Math.max(mostTasks, tasksSinceRun);
                tasksSinceRun = 0;
                turnsAmongTasks++;
            }
            if (context.canBlock()) {
                deadlineNs = context.deadlineNanos();
                delayNs = context.delayNanos(System.nanoTime());
                woken.acquireUninterruptibly();
            }
            return 0;
        }

        @Override
        public void wakeup() {
            woken.release();
        }

        @Override
        public void prepareToDestroy() {
            // Nothing is registered.
        }

        @Override
        public void destroy() {
            // Nothing is open.
        }

        @Override
        public IoRegistration register(IoHandle handle) {
            throw new IllegalStateException("no sockets here");
        }

        @Override
        public boolean isCompatible(Class<? extends IoHandle> handleType) {
            return false;
        }
    }
}

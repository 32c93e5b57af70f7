package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.condition.JRE.JAVA_17;
import static org.junit.jupiter.api.condition.JRE.JAVA_20;
import static org.junit.jupiter.api.condition.JRE.JAVA_21;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;

class WorkersTest {

    private static Thread threadOf(Workers workers) throws InterruptedException {
        SynchronousQueue<Thread> thread = new SynchronousQueue<>();
        assertThat(workers.execute(() -> {
                    try {
                        thread.put(Thread.currentThread());
                    } catch (InterruptedException never) {
                        throw new AssertionError(never);
                    }
                }))
                .isTrue();
        return thread.poll(10, TimeUnit.SECONDS);
    }

    @Test
    @EnabledForJreRange(min = JAVA_21)
    void conversationsRunOnVirtualThreads() throws InterruptedException {
        assertThat(threadOf(Workers.conversations()).getClass().getSimpleName()).contains("Virtual");
    }

    @Test
    @EnabledForJreRange(min = JAVA_17, max = JAVA_20)
    void conversationsRunOnAPoolWhereThereAreNoVirtualThreads() throws InterruptedException {
        assertThat(threadOf(Workers.conversations()).getName()).startsWith("headrace-worker-");
    }

    @Test
    void threadsOfAPoolKeepNoProcessAlive() throws InterruptedException {
        assertThat(threadOf(Workers.pool(1)).isDaemon()).isTrue();
    }

    @Test
    void aPoolRefusesWhenEveryThreadIsBusy() throws InterruptedException {
        Workers workers = Workers.pool(2);
        CountDownLatch done = new CountDownLatch(1);
        Runnable busy = () -> {
            try {
                done.await();
            } catch (InterruptedException never) {
                throw new AssertionError(never);
            }
        };
        assertThat(workers.execute(busy)).isTrue();
        assertThat(workers.execute(busy)).isTrue();
        assertThat(workers.execute(busy)).isFalse();
        done.countDown();
    }

    @Test
    void aThreadThatIsDoneTakesTheNextTask() {
        Workers workers = Workers.pool(1);
        CountDownLatch done = new CountDownLatch(2);
        await().until(() -> {
            workers.execute(done::countDown);
            return done.getCount() == 0;
        });
    }
}

package io.headrace;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/** Workers that run: the threads, and how many messages may be with them. Any thread. */
final class Crew {
    private final Executor executor;
    private final int capacity;
    private final Runnable end;
    private final AtomicInteger admitted = new AtomicInteger();

    /**
     * @param capacity how many messages may be under way or wait
     * @param end ends the threads when they have done what they were given
     */
    Crew(Executor executor, int capacity, Runnable end) {
        this.executor = executor;
        this.capacity = capacity;
        this.end = end;
    }

    /** Whether one message more may come; then it {@link #left leaves} again. */
    boolean admits() {
        for (int now; (now = admitted.get()) < capacity; ) {
            if (admitted.compareAndSet(now, now + 1)) {
                return true;
            }
        }
        return false;
    }

    void left() {
        admitted.decrementAndGet();
    }

    /** How many messages are under way or wait. */
    int admitted() {
        return admitted.get();
    }

    /** Has a thread run it; false when there is none to be had. */
    boolean execute(Runnable task) {
        try {
            executor.execute(task);
            return true;
        } catch (RuntimeException | OutOfMemoryError none) {
            // The latter where the system gives no more threads. An executor of the user's own may throw anything: what
            // it did not take must not hold up what comes after it.
            return false;
        }
    }

    void end() {
        end.run();
    }
}

package io.headrace;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * So many tasks at a time on threads that somebody else makes; a thread that is done takes a task that waits.
 *
 * <p>Invariant: {@code present} counts the tasks that run or wait, and where it is above {@code threads}, the surplus waits: so every
 * thread that is done while it is finds a task.
 */
final class AtMost implements Executor {
    private final Executor starter;
    private final int threads;
    private final AtomicInteger present = new AtomicInteger();
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();

    /** {@code starter} runs each task soon, on a thread that has nothing else to do. */
    AtMost(int threads, Executor starter) {
        this.starter = starter;
        this.threads = threads;
    }

    @Override
    public void execute(Runnable task) {
        if (present.incrementAndGet() > threads) {
            waiting.add(task);
            return;
        }
        try {
            starter.execute(() -> run(task));
        } catch (Throwable noThread) {
            run(next()); // Who came meanwhile waits for this one to be done.
            throw noThread;
        }
    }

    private void run(Runnable first) {
        for (Runnable task = first; task != null; task = next()) {
            try {
                task.run();
            } catch (Throwable fault) { // Its place must not be lost.
                Thread thread = Thread.currentThread();
                thread.getUncaughtExceptionHandler().uncaughtException(thread, fault);
            }
        }
    }

    private Runnable next() {
        if (present.getAndDecrement() <= threads) {
            return null;
        }
        for (Runnable task; ; Thread.onSpinWait()) { // It is counted just before it is added.
            if ((task = waiting.poll()) != null) {
                return task;
            }
        }
    }
}

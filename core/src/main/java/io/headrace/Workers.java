package io.headrace;

import java.lang.reflect.Method;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads for code that blocks. */
final class Workers {
    /** Where threads are expensive. */
    static final int MAX_PLATFORM_THREADS = 256;

    private final Executor executor;

    private Workers(Executor executor) {
        this.executor = executor;
    }

    /** A virtual thread for each task where the runtime has them (JDK 21), else a thread of a pool that refuses when full. */
    static Workers conversations() {
        ExecutorService virtual = virtualThreads();
        return virtual == null ? pool(MAX_PLATFORM_THREADS) : new Workers(virtual);
    }

    static Workers pool(int threads) {
        AtomicInteger count = new AtomicInteger();
        return new Workers(new ThreadPoolExecutor(0, threads, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
            Thread thread = new Thread(task, "headrace-worker-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        }));
    }

    private static ExecutorService virtualThreads() {
        try {
            Method factory = java.util.concurrent.Executors.class.getMethod("newVirtualThreadPerTaskExecutor");
            return (ExecutorService) factory.invoke(null);
        } catch (ReflectiveOperationException | RuntimeException runtimeHasNone) {
            return null;
        }
    }

    /** Runs {@code task} on a thread that may block; false when all are busy. Any thread. */
    boolean execute(Runnable task) {
        try {
            executor.execute(task);
            return true;
        } catch (RejectedExecutionException full) {
            return false;
        }
    }
}

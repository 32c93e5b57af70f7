package io.headrace;

import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The exchange whose handler runs right now on a thread: an event loop or a worker. */
final class Handling {
    private static final FastThreadLocal<Handling> OF_LOOP = new FastThreadLocal<>() {
        @Override
        protected Handling initialValue() {
            return new Handling();
        }
    };

    /** Not a thread-local: in a thread that lives for one message that would be ten times as large. */
    private static final Map<Thread, WorkerTask> OF_WORKERS = new ConcurrentHashMap<>();

    /** Null while none runs. */
    LiveExchange<?> exchange;

    /** That of the current thread, an event loop. */
    static Handling now() {
        return OF_LOOP.get();
    }

    /** A worker's task, which has a reference of its own, begins on this thread; gives the one in whose midst it does so, or null. */
    static WorkerTask begin(WorkerTask task) {
        return OF_WORKERS.put(Thread.currentThread(), task);
    }

    /** It is over on this thread. */
    static void end(WorkerTask outer) {
        if (outer == null) {
            OF_WORKERS.remove(Thread.currentThread());
        } else {
            OF_WORKERS.put(Thread.currentThread(), outer);
        }
    }

    /** If {@code message} came in with what runs on this thread, its reference goes along with whoever sends it on; says whether it does. */
    static boolean handOver(Object message) {
        Thread thread = Thread.currentThread();
        if (thread instanceof FastThreadLocalThread && now().handedOver(message)) {
            return true;
        }
        WorkerTask task = OF_WORKERS.get(thread);
        return task != null && task.handOver(message);
    }

    private boolean handedOver(Object message) {
        if (exchange == null || exchange.message != message || exchange.settled) {
            return false;
        }
        exchange.handedOver = true;
        return true;
    }
}

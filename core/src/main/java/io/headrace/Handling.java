package io.headrace;

import io.netty.util.concurrent.FastThreadLocal;

/** The exchange whose handler runs right now on a thread: an event loop or a worker. */
final class Handling {
    private static final FastThreadLocal<Handling> OF_THREAD = new FastThreadLocal<>() {
        @Override
        protected Handling initialValue() {
            return new Handling();
        }
    };

    /** On an event loop; null while none runs. */
    LiveExchange<?> exchange;

    /** On a worker, which has a reference of its own; null while none runs. */
    WorkerTask task;

    /** That of the current thread. */
    static Handling now() {
        return OF_THREAD.get();
    }

    /** If {@code message} came in with it, its reference goes along with whoever sends it on; says whether it does. */
    boolean handOver(Object message) {
        if (exchange != null && exchange.message == message && !exchange.settled) {
            exchange.handedOver = true;
            return true;
        }
        return task != null && task.handOver(message);
    }
}

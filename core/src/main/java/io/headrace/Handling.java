package io.headrace;

import io.netty.util.concurrent.FastThreadLocal;

/** The exchange whose handler runs right now on a thread. */
final class Handling {
    private static final FastThreadLocal<Handling> OF_THREAD = new FastThreadLocal<>() {
        @Override
        protected Handling initialValue() {
            return new Handling();
        }
    };

    /** Null while none runs. */
    LiveExchange<?> exchange;

    /** That of the current thread. */
    static Handling now() {
        return OF_THREAD.get();
    }

    /** If {@code message} came in with it, its reference goes along with whoever sends it on. */
    void handOver(Object message) {
        if (exchange != null && exchange.message == message && !exchange.settled) {
            exchange.handedOver = true;
        }
    }
}

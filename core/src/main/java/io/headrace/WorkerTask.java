package io.headrace;

import io.netty.util.IllegalReferenceCountException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.ReferenceCounted;

/**
 * One message on its way through a worker.
 *
 * <pre>
 *  made on the event loop --waits--> handled on a worker, or skipped where its exchange has ended meanwhile --> over
 * </pre>
 *
 * <p>It holds a reference of its message of its own: a deadline or the end of the connection may end the exchange at any moment, and must
 * not pull the buffer away under the handler.
 */
final class WorkerTask implements Runnable, EndListener {
    private final WorkerStage stage;
    private final Handler<Object, Object> next;
    private final Object message;
    private final Exchange<Object> exchange;
    private boolean handedOver; // Worker's thread only.
    private Thread runner; // Guarded by this; only where ends interrupt.

    WorkerTask(WorkerStage stage, Handler<Object, Object> next, Object message, Exchange<Object> exchange) {
        this.stage = stage;
        this.next = next;
        this.message = ReferenceCountUtil.retain(message);
        this.exchange = exchange;
    }

    /** Nobody will run it. */
    void refused() {
        ReferenceCountUtil.release(message);
        exchange.refuse();
    }

    @Override
    public void run() {
        try {
            if (exchange.outcome() == null) { // Else it expired, or its connection ended, while it waited.
                interruptibly();
            }
        } finally {
            stage.left();
            letGo();
        }
    }

    private void letGo() {
        try {
            if (!handedOver) {
                ReferenceCountUtil.release(message);
            }
        } catch (IllegalReferenceCountException releasedByTheHandler) {
            stage.faulty(releasedByTheHandler);
        }
    }

    private void interruptibly() {
        if (!stage.interrupting()) {
            handle();
            return;
        }
        synchronized (this) {
            runner = Thread.currentThread();
        }
        try {
            handle();
        } finally {
            synchronized (this) {
                runner = null;
            }
            Thread.interrupted(); // Meant for this message, not for the thread's next one.
        }
    }

    private void handle() {
        boolean counted = message instanceof ReferenceCounted;
        WorkerTask outer = counted ? Handling.begin(this) : null; // An executor may run it on the caller's thread.
        try {
            next.handle(message, exchange);
        } catch (Throwable failure) {
            if (!exchange.fail(failure) && !stage.interrupting()) {
                stage.faulty(failure);
            }
        } finally {
            if (counted) {
                Handling.end(outer);
            }
        }
    }

    /** {@code sent} is consumed by whoever sends it: if it is the message, this reference goes along. Worker's thread. */
    boolean handOver(Object sent) {
        if (sent != message) {
            return false;
        }
        handedOver = true;
        return true;
    }

    /** Its exchange has ended, perhaps under its hands. Event loop only. */
    @Override
    public synchronized void ended(Exchange<?> ended, Outcome outcome) {
        if (runner != null && (outcome == Outcome.EXPIRED || outcome == Outcome.ABANDONED)) {
            runner.interrupt();
        }
    }
}

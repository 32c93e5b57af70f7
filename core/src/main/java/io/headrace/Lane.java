package io.headrace;

import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What one connection has for the workers, one after another.
 *
 * <pre>
 *  first task --> under way --last task done--> dead; the next task begins another lane
 * </pre>
 *
 * <p>It is in the table only while it has something to do, so a connection that is silent costs nothing. Invariant: at most one thread
 * runs it, and a new one begins only after the old one's last task is done.
 */
final class Lane implements Runnable {
    /** So many tasks, and then others have their turn. */
    private static final int MAX_TURN = 16;

    private final Object key;
    private final Map<Object, Lane> lanes;
    private final Crew crew;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger pending = new AtomicInteger(1); // Never again above 0 once it was 0.

    private Lane(Object key, Map<Object, Lane> lanes, Crew crew, Runnable first) {
        this.key = key;
        this.lanes = lanes;
        this.crew = crew;
        tasks.add(first);
    }

    /** Has {@code task} run after everything else of this key; false when no thread could be had for it. One event loop for a key. */
    static boolean execute(Object key, Map<Object, Lane> lanes, Crew crew, Runnable task) {
        Lane lane = lanes.get(key);
        if (lane != null && lane.join(task)) {
            return true;
        }
        Lane fresh = new Lane(key, lanes, crew, task);
        lanes.put(key, fresh);
        if (crew.execute(fresh)) {
            return true;
        }
        lanes.remove(key, fresh);
        return false;
    }

    private boolean join(Runnable task) {
        for (int now; (now = pending.get()) > 0; ) {
            if (pending.compareAndSet(now, now + 1)) {
                tasks.add(task);
                return true;
            }
        }
        return false;
    }

    @Override
    public void run() {
        for (int turn = 1; ; turn++) {
            next().run();
            if (pending.decrementAndGet() == 0) {
                lanes.remove(key, this);
                return;
            }
            if (turn >= MAX_TURN && crew.execute(this)) {
                return;
            }
        }
    }

    private Runnable next() {
        for (Runnable task; ; Thread.onSpinWait()) { // It is counted just before it is added.
            if ((task = tasks.poll()) != null) {
                return task;
            }
        }
    }
}

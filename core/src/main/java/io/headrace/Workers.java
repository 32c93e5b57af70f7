package io.headrace;

import io.netty.util.concurrent.FastThreadLocalThread;
import java.lang.reflect.Method;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads that may block, on which handlers run in place of the event loop. Virtual ones where the runtime has them (JDK 21), else a pool.
 *
 * <pre>
 *  event loop --room?--> [waits] --> handler on a worker --reply--> event loop, in arrival order
 *                 '-- no --> refused
 * </pre>
 *
 * <p>Whatever names the same {@code Workers} object shares its threads and its bounds: they start with the first endpoint that does, whose
 * name they bear, and end with the last, when their last handler has returned. When the threads and the queue are full, an exchange is
 * {@link Outcome#REFUSED}. A message whose exchange ends while it waits, by a deadline or with its connection, never reaches its handler.
 *
 * <p>A message that is a buffer stays readable until its handler has returned, however its exchange ends.
 */
public final class Workers implements MessageStage {
    /** How many handlers run at a time on virtual threads, unless {@link #atMost} says otherwise. */
    public static final int VIRTUAL_THREADS = 10_000;

    /** How many threads a pool has where the runtime has no virtual ones, unless {@link #atMost} says otherwise. */
    public static final int PLATFORM_THREADS = 256;

    /** How many messages wait for a thread, unless {@link #queue} says otherwise. */
    public static final int QUEUE = 1_024;

    private static final int UNBOUNDED = Integer.MAX_VALUE;
    private static final int DEFAULT = -1;
    private static final int IDLE_S = 10;
    private static final Method VIRTUAL = virtual();

    private final Executor own; // Null: threads of ours.
    private final boolean inOrder;
    private final int threads;
    private final int queue;
    private final boolean interrupting;
    private Crew running;
    private int users;

    private Workers(Executor own, boolean inOrder, int threads, int queue, boolean interrupting) {
        this.own = own;
        this.inOrder = inOrder;
        this.threads = threads;
        this.queue = queue;
        this.interrupting = interrupting;
    }

    /** Messages are handled at the same time, those of one connection too; their replies still leave in arrival order. */
    public static Workers perMessage() {
        return new Workers(null, false, DEFAULT, DEFAULT, false);
    }

    /**
     * The messages of one connection, or on datagrams of one peer, are handled one after another, in order; those of different ones at the
     * same time. Sessions want this: then all their methods run on workers, in the order of events.
     */
    public static Workers perConnection() {
        return new Workers(null, true, DEFAULT, DEFAULT, false);
    }

    /** As {@link #perMessage()} on an executor of your own, which you end; what it rejects is refused. */
    public static Workers of(Executor executor) {
        return perMessage().on(executor);
    }

    /** On an executor of your own in place of threads of ours: its bounds hold, you end it, and what it rejects is refused. */
    public Workers on(Executor executor) {
        return new Workers(executor, inOrder, threads, queue, interrupting);
    }

    /** With so many handlers at a time. */
    public Workers atMost(int threads) {
        return new Workers(own, inOrder, threads, queue, interrupting);
    }

    /** With so many messages that wait for a thread; 0 for none. One more is refused. */
    public Workers queue(int messages) {
        return new Workers(own, inOrder, threads, messages, interrupting);
    }

    /**
     * Refuses nothing: messages wait however many they are. What bounds them is their transport: a stream stops reading at 128 open exchanges
     * of a connection, a datagram socket drops at 16,384.
     */
    public Workers patient() {
        return queue(UNBOUNDED);
    }

    /**
     * Interrupts a handler whose exchange has ended without it, by a deadline or with its connection, also when the server stops. Without this such a
     * handler runs to its end, and its answer goes nowhere.
     */
    public Workers interrupting() {
        return new Workers(own, inOrder, threads, queue, true);
    }

    @Override
    public Slot slot() {
        return Slot.EXECUTE;
    }

    @Override
    public void check(Problems problems) {
        if (own != null) {
            problems.expect(threads == DEFAULT, "Workers.atMost", threads, "none, with an executor of your own");
            problems.expect(
                    queue == DEFAULT || queue == UNBOUNDED,
                    "Workers.queue",
                    queue,
                    "none, with an executor of your own");
        }
        problems.expect(threads == DEFAULT || threads >= 1, "Workers.atMost", threads, ">= 1");
        problems.expect(queue == DEFAULT || queue >= 0, "Workers.queue", queue, ">= 0");
    }

    @Override
    public void check(Problems problems, Application<?, ?> application) {
        switch (application.turns()) {
            case ANY -> {}
            case ONE_BY_ONE -> problems.expect(inOrder, "Workers", this, "perConnection with sessions");
            case LOOP ->
                problems.expect(
                        false, "Workers", this, "none with onConnect, converse or a client: these do not use workers");
        }
    }

    @Override
    public PerLoop open(Site site) {
        Crew crew = acquire(site.endpoint());
        site.onStop(this::release);
        return new WorkerStage(crew, inOrder, interrupting, site.reports());
    }

    private synchronized Crew acquire(String name) {
        if (users == 0) {
            running = start(name + "-worker");
        }
        users++;
        return running;
    }

    /** One user fewer; the last one ends the threads, as soon as they have nothing to do. */
    private synchronized void release() {
        if (--users == 0) {
            running.end();
            running = null;
        }
    }

    private Crew start(String name) {
        if (own != null) {
            return new Crew(own, UNBOUNDED, () -> {});
        }
        int most = threads != DEFAULT ? threads : VIRTUAL == null ? PLATFORM_THREADS : VIRTUAL_THREADS;
        long capacity = (long) most + (queue == DEFAULT ? QUEUE : queue);
        return crew(name, most, (int) Math.min(UNBOUNDED, capacity));
    }

    /** For as long as the process lives, in which each task blocks at its leisure: none waits for another. */
    static Crew forConversations() {
        int most = VIRTUAL == null ? PLATFORM_THREADS : UNBOUNDED;
        return crew("headrace-worker", most, most);
    }

    private static Crew crew(String name, int threads, int capacity) {
        if (VIRTUAL != null) {
            ThreadFactory factory = virtualThreads(name);
            Executor each = task -> factory.newThread(task).start();
            return new Crew(new AtMost(threads, each), capacity, () -> {});
        }
        AtomicInteger count = new AtomicInteger();
        // Threads that are idle are taken first; how many there may be is said by what stands before it.
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(0, UNBOUNDED, IDLE_S, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    Thread thread = new FastThreadLocalThread(task, name + "-" + count.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        return new Crew(new AtMost(threads, pool), capacity, pool::shutdown);
    }

    /** All of one name: to number them would cost each message a string. */
    private static ThreadFactory virtualThreads(String name) {
        try {
            Object builder = VIRTUAL.invoke(null);
            Class<?> type = VIRTUAL.getReturnType(); // Public, unlike the builder's own class.
            builder = type.getMethod("name", String.class).invoke(builder, name);
            return (ThreadFactory) type.getMethod("factory").invoke(builder);
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static Method virtual() {
        try {
            Method virtual = Thread.class.getMethod("ofVirtual");
            virtual.invoke(null); // In JDK 19 and 20 it is there and throws.
            return virtual;
        } catch (ReflectiveOperationException runtimeHasNone) {
            return null;
        }
    }

    @Override
    public String toString() {
        return "Workers " + (inOrder ? "per connection" : "per message")
                + (own == null ? "" : " on an executor")
                + (threads == DEFAULT ? "" : ", at most " + threads)
                + (queue == DEFAULT ? "" : queue == UNBOUNDED ? ", patient" : ", queue " + queue)
                + (interrupting ? ", interrupting" : "");
    }
}

package io.headrace.bench.load;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** What one event loop has of a run: its flows, its recorder, its pacer. Event loop only, but for what says otherwise. */
final class Lane {
    /** More connections than this are never being opened at once: the server's queue of new ones is short. */
    private static final int OPENING_AT_ONCE = 128;

    private static final long LOOK_AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long OFTEN_NS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int SWEEPS_IN_PATIENCE = 8;

    private final Plan plan;
    private final EventLoop loop;
    private final int[] indexes;
    private final Recorder recorder = new Recorder();
    private final Map<Destination, Wire> wires = new HashMap<>();
    private final List<Flow> flows = new ArrayList<>();
    private final CompletableFuture<Void> opened = new CompletableFuture<>();
    private final CompletableFuture<Void> finished = new CompletableFuture<>();

    private Message message;
    private volatile Pacer pacer;
    private Future<?> sweeping;
    private long startNs;
    private boolean begun;
    private int nextToOpen;
    private int unsettled;
    private long threadId;
    private boolean ended;
    private int openAtEnd;
    private long work;

    /** Any thread. @param indexes of its connections, growing */
    Lane(Plan plan, EventLoop loop, int[] indexes) {
        this.plan = plan;
        this.loop = loop;
        this.indexes = indexes;
    }

    // ---- What the run asks; any thread
    // -------------------------------------------------------------------------------

    /** Opens the connections where the mode wants them open first; done when each has been opened or has failed once. */
    CompletableFuture<Void> open() {
        loop.execute(orFail(this::openAll));
        return opened;
    }

    /** Begins; what is due from {@code endNs} on is not asked. Done when the run is over. */
    CompletableFuture<Void> start(long startNs, long endNs) {
        loop.execute(orFail(() -> begin(startNs, endNs)));
        return finished;
    }

    /** Ends it now, without waiting for late answers. */
    CompletableFuture<Void> cut() {
        loop.execute(orFail(this::finish));
        return finished;
    }

    /** Done when the run is over here, exceptionally when something went wrong that no server can do. */
    CompletableFuture<Void> finished() {
        return finished;
    }

    CompletableFuture<Handed> handOver() {
        return CompletableFuture.supplyAsync(
                () -> new Handed(
                        recorder.handOver(),
                        finished.isDone() ? openAtEnd : openNow(),
                        pacer == null ? 0 : pacer.paced()),
                loop);
    }

    CompletableFuture<Integer> countOpen() {
        return CompletableFuture.supplyAsync(this::openNow, loop);
    }

    /** The id of its thread, for the JVM's accounts. Known when it has opened. */
    long threadId() {
        return threadId;
    }

    /** For how long its thread has turned without anything to do. */
    long spunNs() {
        Pacer present = pacer;
        return present == null ? 0 : present.spunNs();
    }

    int[] indexes() {
        return indexes;
    }

    /** What a lane recorded since it was last asked; its open connections now; the requests that fell due so far. */
    record Handed(Recorder.Handed slices, int open, long paced) {}

    // ---- What flows ask
    // ----------------------------------------------------------------------------------------------

    Plan plan() {
        return plan;
    }

    EventLoop loop() {
        return loop;
    }

    /** Does this after so many nanoseconds. */
    void schedule(Runnable task, long afterNs) {
        loop.schedule(orFail(task), afterNs, TimeUnit.NANOSECONDS);
    }

    /** Does this every so many nanoseconds, and between two times whatever else there is to do. */
    Future<?> repeat(Runnable task, long everyNs) {
        return loop.scheduleWithFixedDelay(orFail(task), everyNs, everyNs, TimeUnit.NANOSECONDS);
    }

    Message message() {
        return message;
    }

    Wire wire(int index) {
        return wires.computeIfAbsent(plan.destination(index), to -> new Wire(plan, to, loop, index));
    }

    /** The slice of what began at this moment. */
    Slice of(long beganNs) {
        work++;
        return recorder.of(beganNs);
    }

    /** Whether a connection that is begun at this moment counts: those that a run begins with do, though they are there before it. */
    boolean counts(long connectNs) {
        return !begun || recorder.counts(connectNs);
    }

    /** The slice of what counts, or of what does not. */
    Slice of(boolean counts) {
        work++;
        return recorder.of(counts);
    }

    Slice now() {
        return of(System.nanoTime());
    }

    /** Grows when something has happened that is worth recording. */
    long work() {
        return work;
    }

    /** When a connection's request is due, counted from 0. */
    long dueNs(int index, long turn) {
        return startNs + (long) plan.schedule().at(turn * plan.connections() + index);
    }

    /** A flow has been opened, or has failed, for the first time. */
    void settled() {
        if (unsettled > 0) {
            unsettled--;
            openNext();
        }
    }

    // ---- What must not happen
    // ----------------------------------------------------------------------------------------

    /** What a task throws ends the run: its loop would drop the task, and the load would stand still without a word. */
    private Runnable orFail(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException | Error broken) {
                fail(broken);
            }
        };
    }

    private void fail(Throwable broken) {
        if (finished.completeExceptionally(broken)) {
            opened.completeExceptionally(broken);
            release();
        }
    }

    // ---- Life
    // --------------------------------------------------------------------------------------------------------

    private void openAll() {
        threadId = Thread.currentThread().getId();
        Alarm.wakeExactly();
        if (plan.warmupNs() == 0) {
            recorder.measureFrom(System.nanoTime());
        }
        message = new Message(plan.message(), plan.window());
        for (int index : indexes) {
            flows.add(plan.flows().create(this, index));
        }
        if (plan.flows().opensFirst()) {
            unsettled = flows.size();
            for (int i = 0; i < OPENING_AT_ONCE; i++) {
                openNext();
            }
        }
        openedIfAll();
    }

    private void openNext() {
        if (nextToOpen < flows.size()) {
            flows.get(nextToOpen++).open();
        }
        openedIfAll();
    }

    private void openedIfAll() {
        if (unsettled == 0) {
            opened.complete(null);
        }
    }

    private void begin(long startNs, long endNs) {
        this.startNs = startNs;
        begun = true;
        recorder.measureFrom(startNs + plan.warmupNs());
        schedule(this::end, endNs - System.nanoTime());
        long everyNs = Math.min(OFTEN_NS, Math.max(1, plan.timeoutNs() / SWEEPS_IN_PATIENCE));
        sweeping = repeat(this::sweep, everyNs);
        schedule(() -> flows.forEach(Flow::start), startNs - System.nanoTime());
        if (plan.schedule() != null) {
            List<Pacer.Paced> paced =
                    flows.stream().map(Pacer.Paced.class::cast).toList();
            boolean punctual = Runtime.getRuntime().availableProcessors() > plan.threads();
            pacer = new Pacer(this, paced, indexes, endNs, punctual);
            pacer.start(startNs);
        }
    }

    private void sweep() {
        long nowNs = System.nanoTime();
        flows.forEach(flow -> flow.sweep(nowNs));
    }

    private int openNow() {
        int open = 0;
        for (Flow flow : flows) {
            open += flow.isOpen() ? 1 : 0;
        }
        return open;
    }

    /** Time is up: late answers are waited for, for as long as a request may take. */
    private void end() {
        if (pacer != null) {
            pacer.stop();
        }
        countOpenAtEnd();
        long patientUntilNs = System.nanoTime() + plan.timeoutNs();
        drain(patientUntilNs + OFTEN_NS);
    }

    /** Before any is closed; what comes after the end does not change it. */
    private void countOpenAtEnd() {
        if (!ended) {
            ended = true;
            openAtEnd = openNow();
        }
    }

    private void drain(long untilNs) {
        long nowNs = System.nanoTime();
        boolean settled = true;
        for (Flow flow : flows) {
            settled &= flow.stop(nowNs);
        }
        if (settled || nowNs - untilNs >= 0) {
            finish();
        } else {
            schedule(() -> drain(untilNs), LOOK_AGAIN_NS);
        }
    }

    private void finish() {
        if (finished.isDone()) {
            return;
        }
        countOpenAtEnd();
        release();
        opened.complete(null);
        finished.complete(null);
    }

    private void release() {
        if (sweeping != null) {
            sweeping.cancel(false);
        }
        if (pacer != null) {
            pacer.stop();
        }
        long nowNs = System.nanoTime();
        flows.forEach(flow -> flow.finish(nowNs));
        wires.values().forEach(Wire::close);
        message.release();
    }
}

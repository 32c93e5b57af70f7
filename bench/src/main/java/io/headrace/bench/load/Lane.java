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

    private static final int LOOK_AGAIN_MS = 10;
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
    private Pacer pacer;
    private Future<?> sweeping;
    private long startNs;
    private int nextToOpen;
    private int unsettled;
    private long threadId;
    private int openAtEnd;

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
        loop.execute(this::openAll);
        return opened;
    }

    /** Begins; what is due from {@code endNs} on is not asked. Done when the run is over. */
    CompletableFuture<Void> start(long startNs, long endNs) {
        loop.execute(() -> begin(startNs, endNs));
        return finished;
    }

    /** Ends it now, without waiting for late answers. */
    CompletableFuture<Void> cut() {
        loop.execute(this::finish);
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

    Message message() {
        return message;
    }

    Wire wire(int index) {
        return wires.computeIfAbsent(plan.destination(index), to -> new Wire(plan, to, loop, index));
    }

    /** The slice of what began at this moment. */
    Slice of(long beganNs) {
        return recorder.of(beganNs);
    }

    Slice now() {
        return recorder.of(System.nanoTime());
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

    // ---- Life
    // --------------------------------------------------------------------------------------------------------

    private void openAll() {
        threadId = Thread.currentThread().getId();
        recorder.measureFrom(System.nanoTime());
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
        recorder.measureFrom(startNs + plan.warmupNs());
        loop.schedule(this::end, endNs - System.nanoTime(), TimeUnit.NANOSECONDS);
        long everyNs = Math.min(OFTEN_NS, Math.max(1, plan.timeoutNs() / SWEEPS_IN_PATIENCE));
        sweeping = loop.scheduleAtFixedRate(this::sweep, everyNs, everyNs, TimeUnit.NANOSECONDS);
        loop.schedule(() -> flows.forEach(Flow::start), startNs - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (plan.schedule() != null) {
            List<Pacer.Paced> paced =
                    flows.stream().map(Pacer.Paced.class::cast).toList();
            pacer = new Pacer(this, paced, indexes, endNs);
            loop.schedule(pacer, startNs - System.nanoTime(), TimeUnit.NANOSECONDS);
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
        openAtEnd = openNow();
        long patientUntilNs = System.nanoTime() + plan.timeoutNs();
        drain(patientUntilNs + OFTEN_NS);
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
            loop.schedule(() -> drain(untilNs), LOOK_AGAIN_MS, TimeUnit.MILLISECONDS);
        }
    }

    private void finish() {
        if (finished.isDone()) {
            return;
        }
        if (sweeping != null) {
            sweeping.cancel(false);
        }
        if (pacer != null) {
            pacer.stop();
        }
        long nowNs = System.nanoTime();
        flows.forEach(flow -> flow.finish(nowNs));
        message.release();
        opened.complete(null);
        finished.complete(null);
    }
}

package io.headrace.bench.load;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** One execution of a plan. {@link #go} blocks; {@link #interrupt} may come from any thread. */
final class Run {
    private static final long HEAD_START_NS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final int QUIET_MS = 1;
    private static final int PATIENCE_MS = 2_000;

    private final Plan plan;
    private final Consumer<Interval> live;
    private final List<Lane> lanes = new ArrayList<>();
    private final Slice total = new Slice();
    private final List<Interval> intervals = new ArrayList<>();

    private final KernelDrops dropsBefore = KernelDrops.now();

    private volatile boolean interrupted;
    private volatile Throwable broken;
    private volatile Thread waiting;
    private Slice early = new Slice();
    private ProcessorTime measuredFrom;
    private ProcessorTime last;
    private long measuredFromNs;
    private long lastNs;
    private long paced;

    /** @param live told of each interval when it is over, on the thread that runs */
    Run(Plan plan, Consumer<Interval> live) {
        this.plan = plan;
        this.live = live;
    }

    /** Ends it early; what was measured so far is reported. Any thread. */
    void interrupt() {
        interrupted = true;
        LockSupport.unpark(waiting);
    }

    /** Runs the plan; the report says whether it was interrupted. */
    Report go() {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(
                plan.threads(),
                new DefaultThreadFactory("load-loop", true),
                plan.backend().handlers());
        try {
            return go(group);
        } finally {
            group.shutdownGracefully(QUIET_MS, PATIENCE_MS, TimeUnit.MILLISECONDS)
                    .awaitUninterruptibly(PATIENCE_MS);
        }
    }

    private Report go(EventLoopGroup group) {
        waiting = Thread.currentThread();
        for (int i = 0; i < plan.threads(); i++) {
            Lane lane = new Lane(plan, group.next(), connectionsOf(i));
            lane.finished().whenComplete((done, failure) -> breakOff(failure));
            lanes.add(lane);
        }
        all(lanes.stream().map(Lane::open).toList());
        Instant started = Instant.now();
        if (plan.flows().opensFirst() && !interrupted && open() == 0) {
            return nothingOpened(started);
        }
        long startNs = System.nanoTime() + HEAD_START_NS;
        if (plan.startAt() != null) {
            startNs = System.nanoTime()
                    + Duration.between(Instant.now(), plan.startAt()).toNanos();
            started = plan.startAt();
            await(startNs - HEAD_START_NS);
        }
        long endNs = startNs + plan.wholeNs();
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        for (Lane lane : lanes) {
            ends.add(lane.start(startNs, endNs));
        }
        measure(startNs, endNs, ends);
        return report(started);
    }

    /** One loop that stands still is the end of all: what the others did is no load that anybody asked for. */
    private void breakOff(Throwable failure) {
        if (failure != null) {
            broken = failure;
            LockSupport.unpark(waiting);
        }
    }

    private void requireWhole() {
        if (broken != null) {
            lanes.forEach(Lane::cut);
            throw new IllegalStateException("the load broke off: " + broken, broken);
        }
    }

    private int open() {
        return lanes.stream()
                .map(Lane::countOpen)
                .mapToInt(CompletableFuture::join)
                .sum();
    }

    /** There is nothing to wait for: the report has the errors. */
    private Report nothingOpened(Instant started) {
        lanes.forEach(lane -> lane.cut().join());
        for (Lane lane : lanes) {
            Recorder.Handed slices = lane.handOver().join().slices();
            total.add(slices.warm());
            total.add(slices.measured());
        }
        return new Report(Site.about(plan), started, 0, total, List.of(), Report.Pace.NONE, interrupted);
    }

    /** The connections of this shard in turn to each loop. */
    private int[] connectionsOf(int loop) {
        int[] ours =
                IntStream.range(0, plan.connections()).filter(plan.shard()::has).toArray();
        return IntStream.range(0, ours.length)
                .filter(i -> i % plan.threads() == loop)
                .map(i -> ours[i])
                .toArray();
    }

    // ---- Intervals
    // ---------------------------------------------------------------------------------------------------

    private void measure(long startNs, long endNs, List<CompletableFuture<Void>> ends) {
        long measureNs = startNs + plan.warmupNs();
        measuredFromNs = measureNs;
        lastNs = startNs;
        last = ProcessorTime.now(lanes);
        measuredFrom = last;
        // Both the warm-up and what counts are cut into whole intervals from their own beginning.
        for (long fromNs = startNs; fromNs - endNs < 0 && !interrupted; fromNs = lastNs) {
            boolean warm = fromNs - measureNs < 0;
            long toNs = Math.min(fromNs + plan.intervalNs(), warm ? measureNs : endNs);
            await(toNs);
            if (toNs == endNs || interrupted) {
                all(ends);
            }
            take(interrupted ? Math.min(System.nanoTime(), toNs) : toNs, warm);
            if (lastNs == measureNs) {
                measuredFrom = last;
            }
        }
    }

    private void take(long toNs, boolean warm) {
        List<CompletableFuture<Lane.Handed>> handed =
                lanes.stream().map(Lane::handOver).toList();
        Slice slice = warm ? new Slice() : early;
        early = warm ? early : new Slice();
        int open = 0;
        paced = 0;
        for (CompletableFuture<Lane.Handed> future : handed) {
            Lane.Handed one = future.join();
            total.add(one.slices().measured());
            // What counts already when the warm-up is cut off belongs to the interval after it.
            (warm ? early : slice).add(one.slices().measured());
            if (warm) {
                slice.add(one.slices().warm());
            }
            open += one.open();
            paced += one.paced();
        }
        ProcessorTime now = ProcessorTime.now(lanes);
        double busy = now.busiestSince(last);
        long lengthNs = Math.max(1, toNs - lastNs);
        Interval interval = new Interval(lastNs - measuredFromNs, lengthNs, warm, slice, open, busy);
        last = now;
        lastNs = toNs;
        intervals.add(interval);
        live.accept(interval);
    }

    private void await(long untilNs) {
        for (long leftNs; !interrupted && broken == null && (leftNs = untilNs - System.nanoTime()) > 0; ) {
            LockSupport.parkNanos(leftNs);
        }
        requireWhole();
    }

    private void all(List<CompletableFuture<Void>> futures) {
        CompletableFuture<Void> every = CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new));
        every.whenComplete((done, failure) -> LockSupport.unpark(waiting));
        while (!every.isDone() && !interrupted && broken == null) {
            LockSupport.park();
        }
        requireWhole();
        if (interrupted) {
            lanes.forEach(Lane::cut);
        }
        every.join();
    }

    // ---- Report
    // ------------------------------------------------------------------------------------------------------

    private Report report(Instant started) {
        long measuredNs = Math.max(0, lastNs - measuredFromNs);
        double busy = measuredNs == 0 ? 0 : last.busiestSince(measuredFrom);
        long cpuNs = last.processNs() - measuredFrom.processNs();
        long expected = 0;
        if (plan.schedule() != null) {
            long beforeNs = Math.max(0, lastNs - (measuredFromNs - plan.warmupNs()));
            expected =
                    lanes.stream().mapToLong(lane -> dueBefore(lane, beforeNs)).sum();
        }
        Map<String, Object> about = Site.about(plan);
        if (plan.destinations().get(0).scheme() == Scheme.UDP) {
            about.put(KernelDrops.KEY, KernelDrops.now().since(dropsBefore));
        }
        Report.Pace pace = new Report.Pace(expected, paced, busy, cpuNs);
        return new Report(about, started, measuredNs, total, intervals, pace, interrupted);
    }

    /** How many requests of a lane's connections the schedule has before a moment. */
    private long dueBefore(Lane lane, long ns) {
        long all = plan.schedule().before(ns);
        long whole = all / plan.connections();
        long rest = all % plan.connections();
        return whole * lane.indexes().length
                + IntStream.of(lane.indexes()).filter(index -> index < rest).count();
    }
}

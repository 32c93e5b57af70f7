package io.headrace;

import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One endpoint of a running server, or of a client: its stages are open and its loops run. For transports. */
public final class OpenEndpoint implements Site {
    private static final Logger LOG = LoggerFactory.getLogger(OpenEndpoint.class);

    private final Plan<?, ?, ?> plan;
    private final Loops.Backend backend;
    private final Reports reports;
    private final Deque<AutoCloseable> parts = new ConcurrentLinkedDeque<>();
    private final List<Gate> gates = new ArrayList<>(); // Written while the stages open.
    private final Clock clock;
    private final AtomicInteger turn = new AtomicInteger();
    private List<LoopHealth> health = List.of();
    private List<OpenLoop> loops = List.of();
    private final Map<Meter, DoubleSupplier> readings = new ConcurrentHashMap<>();

    private OpenEndpoint(Plan<?, ?, ?> plan, Loops.Backend backend, Clock clock) {
        this.plan = plan;
        this.backend = backend;
        this.clock = clock;
        this.reports = new Reports(plan.describe(), clock);
        readings.put(Meter.EVENTLOOP_NATIVE, () -> backend == Loops.Backend.NIO ? 0 : 1);
    }

    /** Its settings are good: whoever starts it has judged them. */
    static OpenEndpoint open(Plan<?, ?, ?> plan, Application<?, ?> application) {
        Loops threads = plan.transport().loops(plan.loops());
        LoopGroup group = threads.acquire();
        OpenEndpoint open =
                new OpenEndpoint(plan, threads.backend(), group.loops().get(0).clock());
        open.onStop(threads::release);
        try {
            open.lay(group, application);
        } catch (Throwable failure) {
            open.close();
            throw failure;
        }
        return open;
    }

    private void lay(LoopGroup group, Application<?, ?> application) {
        health = List.copyOf(group.loops());
        loops = group.loops().stream()
                .map(loop -> new OpenLoop(loop, application, plan.otherwise()))
                .toList();
        Assembly assembly = plan.assembly();
        var channelStages =
                assembly.channelStages().stream().map(stage -> stage.open(this)).toList();
        var messageStages =
                assembly.messageStages().stream().map(stage -> stage.open(this)).toList();
        loops.forEach(loop -> loop.lay(channelStages, messageStages));
    }

    /** Closes what the stages opened, newest first, and lets go of the loops. Every channel is closed by now. Any thread, once counts. */
    public void close() {
        for (AutoCloseable part; (part = parts.pollLast()) != null; ) {
            try {
                part.close();
            } catch (Throwable fault) { // Or the others would stay open, and nobody hear that the server has stopped.
                LOG.warn("{}: cannot close {}", this, part, fault);
            }
        }
    }

    /** Its view of each event loop. */
    public List<OpenLoop> openLoops() {
        return loops;
    }

    /** The loops in turn. Any thread. */
    public OpenLoop nextLoop() {
        return loops.size() == 1 ? loops.get(0) : loops.get(Math.floorMod(turn.getAndIncrement(), loops.size()));
    }

    /** Which of the system's interfaces the loops run on. */
    public Loops.Backend backend() {
        return backend;
    }

    /** The codec, in the types of the setup. */
    @SuppressWarnings("unchecked")
    public <I, O> Codec<I, O> codec() {
        return (Codec<I, O>) plan.codec();
    }

    @Override
    public Reports reports() {
        return reports;
    }

    @Override
    public String endpoint() {
        return plan.name();
    }

    @Override
    public String transport() {
        return plan.transport().name();
    }

    @Override
    public Set<Meter> meters() {
        return plan.transport().meters();
    }

    @Override
    public List<LoopHealth> loops() {
        return health;
    }

    @Override
    public double reading(Meter meter) {
        DoubleSupplier value = readings.get(meter);
        return value == null ? 0 : value.getAsDouble();
    }

    @Override
    public void reading(Meter meter, DoubleSupplier value) {
        readings.merge(meter, value, (one, other) -> () -> one.getAsDouble() + other.getAsDouble());
    }

    @Override
    public long nanoTime() {
        return clock.nanoTime();
    }

    @Override
    public void admit(Gate gate) {
        if (!meters().contains(Meter.CONNECTIONS_REJECTED)) {
            throw new IllegalStateException(
                    "gate: " + gate + " on " + transport() + " (expected: a transport with connections)");
        }
        gates.add(gate);
    }

    /** Whom to ask about peers that arrive, in wire order. */
    public List<Gate> gates() {
        return gates;
    }

    @Override
    public void onStop(AutoCloseable part) {
        parts.add(part);
    }

    @Override
    public String toString() {
        return plan.describe();
    }
}

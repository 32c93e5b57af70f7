package io.headrace;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCounted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** One endpoint on one event loop: its handler, wrapped by its message stages, and what its channel stages install. For transports. */
public final class OpenLoop implements LoopSite {
    private static final AtomicLong CONNECTIONS = new AtomicLong();

    private final Loop loop;
    private Application<?, ?> application;
    private final Otherwise<?, ?> otherwise;
    private final List<Watch> watches = new ArrayList<>();
    private final List<Sweep> sweeps = new ArrayList<>();
    private List<ChannelStage.PerChannel<Channel>> channelStages = List.of();
    private Handler<Object, Object> handler;
    private boolean handlerHoldsExchange;
    private Watch watch = Watches.NONE;
    private long arrivalNs;
    private LiveExchange<?> spare;
    private Handling handling;
    private int hurry = 1;
    private Consumer<Sweep> connections = visitor -> {};

    OpenLoop(Loop loop, Application<?, ?> application, Otherwise<?, ?> otherwise) {
        this.loop = loop;
        this.application = application;
        this.otherwise = otherwise;
        this.handler = uncheckedCast(application.handler());
        this.handlerHoldsExchange = handler.holdsExchange();
    }

    void lay(List<ChannelStage.PerLoop<Channel>> channelStages, List<MessageStage.PerLoop> messageStages) {
        this.channelStages =
                channelStages.stream().map(stage -> stage.onLoop(this)).toList();
        for (int i = messageStages.size() - 1; i >= 0; i--) { // From the handler outward.
            handler = messageStages.get(i).around(handler, this);
        }
        if (application.turns() == Application.Turns.ONE_BY_ONE && !messageStages.isEmpty()) {
            Application<Object, Object> plain = uncheckedCast(application);
            application =
                    plain.sessionsFrom(connection -> around(plain.session(connection), connection, messageStages));
        }
        handlerHoldsExchange = handler.holdsExchange();
        watch = Watches.of(watches);
    }

    private Session<Object> around(
            Session<Object> session, Connection<Object> connection, List<MessageStage.PerLoop> stages) {
        Session<Object> wrapped = session;
        for (int i = stages.size() - 1; wrapped != null && i >= 0; i--) {
            wrapped = stages.get(i).around(wrapped, connection);
        }
        return wrapped;
    }

    /** Lets every channel stage prepare a new channel, in wire order. Event loop only. */
    public void install(Channel channel, Line line) {
        for (ChannelStage.PerChannel<Channel> stage : channelStages) {
            stage.install(channel, line);
        }
    }

    /** Event loop only. */
    Handling handling() {
        if (handling == null) {
            handling = Handling.now();
        }
        return handling;
    }

    /**
     * If {@code message} is a buffer that the handler which runs on this thread was given, its one reference goes along with whoever sends
     * it: to its own peer or to any other. Any thread, where {@code send} is called. Says whether it does.
     */
    public static boolean handOver(Object message) {
        return message instanceof ReferenceCounted && Handling.handOver(message);
    }

    /** The {@link Connection#id()} of one more connection. Any thread. */
    public static long nextConnectionId() {
        return CONNECTIONS.incrementAndGet();
    }

    /** Whether every channel stage can wait until it is known that a connection is more than one greeting. */
    public boolean lineCanWait() {
        return channelStages.stream().allMatch(ChannelStage.PerChannel::canWait);
    }

    /** What the endpoint does, in the types of its setup. */
    public <I, O> Application<I, O> application() {
        return uncheckedCast(application);
    }

    /** The handler with every message stage around it. */
    Handler<Object, Object> handler() {
        return handler;
    }

    Otherwise<?, ?> otherwise() {
        return otherwise;
    }

    /** Whether user code may hold an exchange after its handler has returned. */
    boolean handlerHoldsExchange() {
        return handlerHoldsExchange;
    }

    /** Everyone who watches this endpoint on this loop. */
    public Watch watch() {
        return watch;
    }

    /** Checks to run on every connection, on each round of {@link #onSweep}. */
    public List<Sweep> sweeps() {
        return sweeps;
    }

    @Override
    public void watch(Watch watch) {
        watches.add(watch);
    }

    @Override
    public void sweep(Duration resolution, Sweep sweep) {
        sweeps.add(sweep);
        loop.refine(resolution);
    }

    @Override
    public long patience(long limitNs) {
        return limitNs / hurry;
    }

    @Override
    public void hurry(int times) {
        hurry = times;
    }

    @Override
    public void visit(Sweep visitor) {
        connections.accept(visitor);
    }

    /** Where visitors are shown every connection: for a transport that has connections. Starting thread. */
    public void connections(Consumer<Sweep> shown) {
        connections = shown;
    }

    /** Runs {@code round} with the time, as {@link #sweptNs} tells it, at each sweep of the loop, until the result is run. Starting thread. */
    public Runnable onSweep(LongConsumer round) {
        return loop.onSweep(round);
    }

    @Override
    public Runnable onSweep(Duration resolution, LongConsumer round) {
        loop.refine(resolution);
        return loop.onSweep(round);
    }

    @Override
    public EventLoop eventLoop() {
        return loop.eventLoop();
    }

    @Override
    public long nanoTime() {
        return loop.clock().nanoTime();
    }

    @Override
    public long sweptNs(long thenNs) {
        return loop.sweptNs(thenNs);
    }

    /** When the messages of this batch came: the clock is read once for all messages of a read. */
    long arrivalNs() {
        if (arrivalNs == 0) {
            arrivalNs = nanoTime();
        }
        return arrivalNs;
    }

    /** The socket has given all it had for now. Event loop only. */
    public void batchEnded() {
        arrivalNs = 0;
    }

    /** The name of its thread. */
    @Override
    public String toString() {
        return loop.name();
    }

    LiveExchange<?> takeExchange() {
        LiveExchange<?> exchange = spare;
        spare = null;
        return exchange == null ? new LiveExchange<>() : exchange;
    }

    void giveBack(LiveExchange<?> exchange) {
        if (!handlerHoldsExchange) {
            exchange.reset();
            spare = exchange;
        }
    }

    /** The types of an endpoint's parts agree because its setup demanded it; here they have been forgotten. */
    @SuppressWarnings("unchecked")
    <T> T uncheckedCast(Object part) {
        return (T) part;
    }
}

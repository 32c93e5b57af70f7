package io.headrace.tcp;

import io.headrace.Attribute;
import io.headrace.Attributes;
import io.headrace.CloseReason;
import io.headrace.Connection;
import io.headrace.ConnectionInfo;
import io.headrace.Line;
import io.headrace.Session;
import io.headrace.SessionHolder;
import io.headrace.Sweep;
import io.headrace.Text;
import io.headrace.Watch;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.NotYetConnectedException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;

/**
 * One stream, as the application sees it, from its opening to its one end.
 *
 * <pre>
 *  OPEN --end(reason)--> ENDING --nothing owed--> LINGERING --peer's FIN, 1 s or 256 KiB--> CLOSED
 *    '------ reset, or cut(reason) ----'-------------------'------------------------------------^
 * </pre>
 *
 * <p>OPEN: messages flow. ENDING: no more input is taken; what was sent leaves first, and where the peer may rightly wait for answers, open exchanges end first. LINGERING:
 * our side is shut down and what still comes is thrown away, because closing a socket with input unread sends a reset that can destroy what
 * the peer has not read yet (RFC 1122, 4.2.2.13). The first reason to end is the reason.
 *
 * <p>Event loop only, but for what {@link Connection} promises to any thread.
 */
final class StreamConnection<I, O> implements Connection<O>, SessionHolder, Line, Lingering.Waiting, OnSocket {

    private static final String TAIL = "headrace";

    private enum Phase {
        OPEN,
        ENDING,
        LINGERING,
        CLOSED
    }

    private final long id;
    private final DuplexChannel channel;
    private final StreamLoop<I, O> loop;
    private final Arrival arrival;
    private final StreamTail<I, O> tail;
    private final Inflow inflow;
    private final Outflow<O> outflow;
    private final StreamProgress progress;
    private volatile Phase phase = Phase.OPEN;
    private volatile CompletableFuture<CloseReason> closed;
    private volatile Attributes attributes; // Null until one is set.
    private Session<? super I> session;
    private CloseReason reason;
    private Watch ownWatch;
    private Sweep ownSweep;
    private int lingeredBytes;
    private boolean handlers;
    private boolean counted;
    private boolean welcomed;
    private boolean waitsForExchanges;
    private boolean flushingLast;
    private boolean peerFinished;
    private boolean asked;
    /** Where it stands in its loop's list. */
    int index;

    /** {@code arrival} is what the gates let in; null where we connected. */
    StreamConnection(DuplexChannel channel, StreamLoop<I, O> loop, Arrival arrival, long id, long openedNs) {
        this.id = id;
        this.channel = channel;
        this.loop = loop;
        this.arrival = arrival;
        this.tail = new StreamTail<>(this, channel, loop);
        this.inflow = new Inflow(this, channel, loop.open());
        this.outflow = new Outflow<>(this, channel, loop.open());
        this.progress = new StreamProgress(outflow, openedNs);
    }

    // ---- opening

    /** An accepted channel: lays its line, and has the event loop watch it. */
    void start() {
        count();
        try {
            lay();
        } catch (Throwable failure) {
            tail.faulty(failure);
            cut(CloseReason.HANDLER_FAILED);
            return;
        }
        if (phase == Phase.OPEN) {
            ChannelPromise registered = channel.newPromise();
            channel.unsafe().register(loop.open().eventLoop(), registered);
            if (registered.cause() != null) {
                tail.faulty(registered.cause());
                cut(CloseReason.IO_ERROR);
            } else if (reason == null && !channel.isOpen()) {
                reason = CloseReason.HANDLER_FAILED; // As a ChannelInitializer that throws closes it.
            }
        }
    }

    /** A fresh connection has become this one: it is counted, and the application knows it. */
    void grown(Session<? super I> session, Sockets<?> sockets) {
        this.session = session;
        counted = true;
        welcomed = true;
        loop.adopted(this);
        try {
            sockets.prepare(channel);
        } catch (ChannelException gone) {
            cut(CloseReason.PEER_RESET);
            return;
        }
        if (channel.isActive()) {
            start();
        } else {
            cut(CloseReason.PEER_RESET);
        }
    }

    /** A channel that is still to be connected: lays its line. */
    void lay() {
        // First, so that it hears of a handler that throws when it is added: Netty takes that off and goes on without
        // it.
        channel.pipeline().addLast(TAIL, tail);
        loop.open().install(channel, this);
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        channel.config().setAllocator(PooledByteBufAllocator.DEFAULT);
        channel.config().setRecvByteBufAllocator(inflow);
    }

    /** The channel is connected and watched by its event loop. */
    void active() {
        count();
        welcome();
    }

    private void count() {
        if (!counted) {
            counted = true;
            loop.opened(this);
        }
    }

    /** Tells the application. */
    private void welcome() {
        if (welcomed || phase != Phase.OPEN) {
            return; // A handler has failed before the application could know it.
        }
        welcomed = true;
        if (ownWatch != null) {
            ownWatch.opened();
        }
        try {
            session = loop.application().session(this);
            if (session != null) {
                session.opened();
            }
        } catch (Throwable failure) {
            fail(failure);
        }
    }

    // ---- what comes and goes

    /** The socket gave bytes. */
    void bytesReceived(int bytes) {
        progress.received(bytes);
        if (phase == Phase.LINGERING) {
            lingeredBytes += bytes;
        }
        loop.open().watch().received(bytes);
        if (ownWatch != null) {
            ownWatch.received(bytes);
        }
    }

    /** The socket took bytes. */
    void bytesSent(long bytes) {
        progress.sent();
        loop.open().watch().sent(bytes);
        if (ownWatch != null) {
            ownWatch.sent(bytes);
        }
    }

    /** So many more bytes wait to be sent. */
    void bytesPending(long more) {
        loop.open().watch().pending(more);
        if (ownWatch != null) {
            ownWatch.pending(more);
        }
    }

    /** The queue toward the peer is over its high mark, or under its low one again. */
    void writability(boolean writable) {
        if (!outflow.writable(writable)) {
            return;
        }
        outflow.tell();
        tellWritable(writable);
        if (writable) {
            inflow.letGo(Inflow.PRESSURE);
            outflow.wakeWaiting();
        } else {
            inflow.hold(Inflow.PRESSURE); // A peer that does not read from us is not read from.
        }
        if (session != null && phase == Phase.OPEN) {
            try {
                session.writable(writable);
            } catch (Throwable failure) {
                fail(failure);
            }
        }
    }

    /** A push was dropped, because the peer reads too slowly. */
    void messageDropped() {
        loop.open().watch().messageDropped();
        if (ownWatch != null) {
            ownWatch.messageDropped();
        }
    }

    private void tellWritable(boolean writable) {
        loop.open().watch().writable(writable);
        if (ownWatch != null) {
            ownWatch.writable(writable);
        }
    }

    /** One round of the loop's clocks. */
    void sweep(List<Sweep> sweeps, long nowNs) {
        if (peerFinished && phase == Phase.OPEN && peerReset()) {
            cut(CloseReason.PEER_RESET);
            return;
        }
        progress.observe(nowNs, inflow.held());
        for (int s = 0; s < sweeps.size(); s++) {
            sweeps.get(s).check(this, progress, nowNs);
        }
        if (ownSweep != null) {
            ownSweep.check(this, progress, nowNs);
        }
    }

    /** A reset that comes after the peer's FIN is told by no read: only asking finds it. Linux, not on NIO. */
    private boolean peerReset() {
        Socket socket = socket();
        RawTcpInfo info = socket == null ? null : RawTcpInfo.of(socket);
        return info != null && info.state() == RawTcpInfo.STATE_CLOSE;
    }

    /** A batch of input or an exchange is over: perhaps nothing is owed any more. */
    void batchEnded() {
        if (phase == Phase.ENDING) {
            closeWhenQuiet();
        } else if (phase == Phase.LINGERING && lingeredBytes > Lingering.MAX_BYTES) {
            channel.close();
        }
    }

    void peerFinished() {
        peerFinished = true;
        if (phase == Phase.LINGERING) {
            channel.close();
        } else if (phase == Phase.OPEN && (session == null || session.peerFinished())) {
            end(CloseReason.PEER_FINISHED);
        }
    }

    // ---- ending

    /** Ends it gracefully. The first reason stands; a later one that does not wait for open exchanges only makes it quicker. */
    private void end(CloseReason why) {
        if (cutsOff(why)) {
            cut(why);
            return;
        }
        switch (phase) {
            case OPEN -> {
                phase = Phase.ENDING;
                reason = why;
                waitsForExchanges = waitsForExchanges(why);
                inflow.hold(Inflow.ENDING);
                closeWhenQuiet();
            }
            case ENDING -> {
                waitsForExchanges &= waitsForExchanges(why);
                closeWhenQuiet();
            }
            case LINGERING, CLOSED -> {}
        }
    }

    /** After these what waits to be sent would wait for ever, or its memory is what is wanted. */
    private boolean cutsOff(CloseReason why) {
        return switch (why) {
            case WRITE_STALLED, FORCED, SLOW_CONSUMER, OUTBOUND_BUDGET, MEMORY_PRESSURE, OOM_DIRECT -> true;
            case TOO_SLOW -> outflow.pendingBytes() > 0;
            default -> false;
        };
    }

    /** After these the peer may rightly wait for what it asked before. */
    private static boolean waitsForExchanges(CloseReason why) {
        return switch (why) {
            case PEER_FINISHED, DRAINED, MAX_AGE, FRAME_TOO_LARGE, FRAME_MALFORMED, MESSAGE_MALFORMED -> true;
            default -> false;
        };
    }

    private void closeWhenQuiet() {
        if (!channel.isRegistered()) { // A stage ended it while its line was laid.
            cut(reason);
            return;
        }
        if (flushingLast || (waitsForExchanges && tail.openExchanges() > 0)) {
            return;
        }
        flushingLast = true;
        outflow.flushLast(this::shutDown);
    }

    /** Everything owed has left. */
    private void shutDown() {
        if (phase != Phase.ENDING) {
            return;
        }
        outflow.settle();
        phase = Phase.LINGERING;
        tail.abandon();
        if (peerFinished || !channel.isActive()) {
            channel.close();
        } else {
            linger();
        }
    }

    private void linger() {
        Socket socket = StreamBackend.shutdownDescriptor(channel);
        if (socket == null) {
            channel.shutdownOutput();
        } else {
            try {
                socket.shutdown(false, true); // Netty's own way makes an exception with a stack trace each time.
            } catch (IOException | NotYetConnectedException gone) {
                channel.close();
                return;
            }
        }
        loop.lingering().add(this, loop.open().nanoTime());
        inflow.drain();
    }

    @Override
    public boolean finished(ByteBuffer waste) {
        return phase == Phase.CLOSED; // Its event loop tells when the peer has finished.
    }

    @Override
    public void cutOff() {
        cut(CloseReason.APPLICATION);
    }

    /** Ends it at once; returns how many bytes were dropped. */
    long cut(CloseReason why) {
        if (phase == Phase.CLOSED) {
            return 0;
        }
        if (reason == null) {
            reason = why;
        }
        outflow.settle();
        long dropped = outflow.droppedBytes();
        if (channel.isRegistered()) {
            channel.close();
            outflow.cutOff();
        } else {
            channel.unsafe().closeForcibly();
            ended();
        }
        return dropped;
    }

    /** The socket is gone. */
    void ended() {
        if (phase == Phase.CLOSED) {
            return;
        }
        if (reason == null) {
            reason = peerFinished ? CloseReason.PEER_FINISHED : CloseReason.PEER_RESET;
        }
        phase = Phase.CLOSED;
        if (forgetQueue() > 0 && reason == CloseReason.PEER_FINISHED) {
            reason = CloseReason.PEER_RESET; // It left before it had what it was owed.
        }
        if (counted) {
            long ageNs = loop.open().nanoTime() - progress.openedNs();
            loop.closed(this, reason, ageNs);
            if (ownWatch != null && welcomed) {
                ownWatch.closed(reason, ageNs);
            }
        }
        tail.abandon();
        outflow.wakeWaiting();
        if (session != null) {
            try {
                session.closed(reason);
            } catch (Throwable failure) {
                tail.faulty(failure);
            }
        }
        completeClosed();
    }

    /** What is told of the queue must add up to nothing at the end. Returns how many bytes were dropped. */
    private long forgetQueue() {
        long dropped = outflow.ended();
        if (dropped > 0) {
            loop.open().watch().bytesDropped(dropped);
            if (ownWatch != null) {
                ownWatch.bytesDropped(dropped);
            }
        }
        if (outflow.writable(true)) {
            tellWritable(true);
        }
        return dropped;
    }

    // ---- what stages may do: Line

    @Override
    public void add(String name, ChannelHandler handler) {
        if (!handlers) { // They may change what is written, so bytes are counted next to the socket.
            handlers = true;
            channel.pipeline().addBefore(TAIL, "headrace-sent", outflow.counter());
        }
        channel.pipeline().addBefore(TAIL, name, handler);
    }

    @Override
    public void watch(Watch watch) {
        ownWatch = ownWatch == null ? watch : Watch.both(ownWatch, watch);
    }

    @Override
    public void sweep(Sweep sweep) {
        Sweep before = ownSweep;
        ownSweep = before == null
                ? sweep
                : (connection, progress, nowNs) -> {
                    before.check(connection, progress, nowNs);
                    sweep.check(connection, progress, nowNs);
                };
    }

    @Override
    public Connection<O> connection() {
        return this;
    }

    @Override
    public void frameOpen(boolean open) {
        progress.frameOpen(open);
    }

    @Override
    public boolean wanted(Runnable resume) {
        return inflow.wanted(resume);
    }

    @Override
    public boolean over() {
        return !open();
    }

    @Override
    public void violated(CloseReason why, String detail) {
        if (phase == Phase.OPEN) {
            loop.reports().warn(why.tag(), () -> label() + ": " + detail, null);
        }
        end(why);
    }

    // ---- what the application may do: Connection

    @Override
    public boolean send(O message) {
        return outflow.send(message);
    }

    @Override
    public boolean sendAndClose(O message) {
        boolean taken = outflow.send(message);
        close();
        return taken;
    }

    @Override
    public void close() {
        close(CloseReason.APPLICATION);
    }

    @Override
    public void close(CloseReason why) {
        runOnLoop(() -> {
            if (why.setting() == null) {
                end(why);
            } else {
                violated(why, why.setting());
            }
        });
    }

    @Override
    public void drain(CloseReason why) {
        runOnLoop(() -> {
            if (phase != Phase.OPEN || asked) {
                return;
            }
            asked = true;
            try {
                if (session == null || session.draining()) {
                    end(why);
                }
            } catch (Throwable failure) {
                fail(failure);
            }
        });
    }

    @Override
    public void fail(Throwable cause) {
        runOnLoop(() -> {
            if (Faults.noDirectMemory(cause)) {
                close(CloseReason.OOM_DIRECT);
                return;
            }
            tail.faulty(cause);
            end(CloseReason.HANDLER_FAILED);
        });
    }

    @Override
    public boolean writable() {
        return open() && channel.isWritable();
    }

    @Override
    public void whenWritable(Runnable task) {
        runOnLoop(() -> outflow.whenWritable(task));
    }

    private void runOnLoop(Runnable task) {
        if (onLoop()) {
            task.run();
            return;
        }
        try {
            loop.open().eventLoop().execute(task);
        } catch (RejectedExecutionException loopsAreGone) {
            // And the connection with them.
        }
    }

    private boolean onLoop() {
        return loop.open().eventLoop().inEventLoop();
    }

    @Override
    public CompletionStage<CloseReason> closed() {
        synchronized (this) {
            if (closed == null) {
                closed = new CompletableFuture<>();
                if (phase == Phase.CLOSED) {
                    closed.complete(reason);
                }
            }
            return closed.minimalCompletionStage();
        }
    }

    private void completeClosed() {
        CompletableFuture<CloseReason> future;
        synchronized (this) {
            future = closed;
        }
        if (future != null) {
            future.complete(reason);
        }
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public SocketAddress address() {
        return channel.remoteAddress();
    }

    /** Any thread: asked of a descriptor that is ours before and after. */
    Optional<PeerCredentials> credentials() {
        Optional<PeerCredentials> credentials =
                channel.isOpen() ? StreamBackend.credentials(channel) : Optional.empty();
        return channel.isOpen() ? credentials : Optional.empty();
    }

    @Override
    public SocketAddress localAddress() {
        return Sockets.localAddress(channel);
    }

    @Override
    public <T> T get(Attribute<T> attribute) {
        return Attributes.get(attributes, attribute);
    }

    @Override
    public synchronized <T> T set(Attribute<T> attribute, T value) {
        Attributes before = attributes;
        attributes = Attributes.with(before, attribute, value);
        return Attributes.get(before, attribute);
    }

    @Override
    @SuppressWarnings("unchecked") // The session was made by this endpoint, for its messages.
    public <T> Session<T> session() {
        return (Session<T>) session;
    }

    @Override
    public Socket socket() {
        return StreamBackend.linuxSocket(channel);
    }

    // ---- what the package sees

    /** What was set while it was fresh. */
    synchronized void inherit(Attributes earlier) {
        attributes = Attributes.merged(earlier, attributes);
    }

    /** How it is doing. Event loop only. */
    ConnectionInfo info(long nowNs) {
        outflow.settle();
        return new ConnectionInfo(
                id,
                loop.endpoint(),
                address(),
                Duration.ofNanos(nowNs - progress.openedNs()),
                progress.receivedBytes(),
                progress.sentBytes(),
                outflow.queuedBytes() - progress.sentBytes(),
                tail.openExchanges(),
                state());
    }

    private ConnectionInfo.State state() {
        return switch (phase) {
            case OPEN -> ConnectionInfo.State.OPEN;
            case ENDING -> ConnectionInfo.State.ENDING;
            case LINGERING, CLOSED -> ConnectionInfo.State.LINGERING; // A closed one is on no list.
        };
    }

    /** For the log: {@code 127.0.0.1:4242 #12}. */
    String label() {
        return Text.of(address()) + " #" + id;
    }

    /** The connection behind a line: on streams they are one. */
    static StreamConnection<?, ?> of(Line line) {
        return (StreamConnection<?, ?>) line;
    }

    Arrival arrival() {
        return arrival;
    }

    DuplexChannel channel() {
        return channel;
    }

    StreamTail<I, O> tail() {
        return tail;
    }

    Inflow inflow() {
        return inflow;
    }

    Outflow<O> outflow() {
        return outflow;
    }

    StreamProgress progress() {
        return progress;
    }

    /** Messages are taken and may be sent. Any thread. */
    boolean open() {
        return phase == Phase.OPEN;
    }

    /** Answers still leave. */
    boolean writes() {
        return phase == Phase.OPEN || (phase == Phase.ENDING && !flushingLast);
    }

    @Override
    public String toString() {
        return "connection from " + label();
    }
}

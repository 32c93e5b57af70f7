package io.headrace.udp;

import io.headrace.Attribute;
import io.headrace.Attributes;
import io.headrace.CloseReason;
import io.headrace.Connection;
import io.headrace.OpenLoop;
import io.headrace.Session;
import io.headrace.SessionHolder;
import java.net.SocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;

/**
 * A peer that is remembered: what a connection is to a stream, as far as datagrams have one.
 *
 * <pre>
 *  in the table --close, fail, idle, evicted, drained--> ended; the next datagram from the same address begins another one
 * </pre>
 */
final class UdpSession<O> extends UdpPeer<O> implements Connection<O>, SessionHolder {
    private final long id = OpenLoop.nextConnectionId();
    private final UdpSessions<O> table;
    private final CompletableFuture<CloseReason> closed = new CompletableFuture<>();
    private volatile boolean ended;
    private volatile Thread tellingEnd; // Who runs a task that hears of the end, so that what it asks is not answered.
    private volatile Attributes attributes; // Null until one is set.
    // Event loop only.
    private Session<?> session;
    private boolean active = true; // A mark, which the next sweep turns into a time.
    private final long openedNs;
    private long activeNs;

    UdpSession(UdpSessions<O> table, UdpLane<?, O> lane, SocketAddress address, long nowNs) {
        super(lane, address, 0);
        this.table = table;
        this.openedNs = nowNs;
        this.activeNs = nowNs;
    }

    /** Gives it the application's session, which may speak first. Event loop only. */
    void open(Session<?> opened) throws Exception {
        session = opened;
        session.opened();
    }

    @Override
    @SuppressWarnings("unchecked") // It is the one that the application gave for its own type of messages.
    public <I> Session<I> session() {
        return (Session<I>) session;
    }

    @Override
    void used() {
        active = true;
    }

    /** Whether nothing has come or gone for so long. Event loop only. */
    boolean idle(long nowNs, long idleNs) {
        if (active) {
            active = false;
            activeNs = nowNs;
        }
        return nowNs - activeNs >= idleNs;
    }

    long ageNs(long nowNs) {
        return nowNs - openedNs;
    }

    /** Ends it for this reason. Event loop only, once. */
    void end(CloseReason reason) {
        ended = true;
        try {
            if (session != null) {
                session.closed(reason);
            }
        } catch (Throwable fault) {
            lane.faulty(fault);
        } finally {
            closed.complete(reason);
        }
    }

    @Override
    boolean ended() {
        return ended;
    }

    @Override
    public boolean send(O message) {
        return lane.send(this, message);
    }

    @Override
    public boolean sendAndClose(O message) {
        boolean taken = send(message);
        close();
        return taken;
    }

    @Override
    public void close() {
        close(CloseReason.APPLICATION);
    }

    @Override
    public void close(CloseReason reason) {
        if (lane.loop().eventLoop().inEventLoop()) {
            table.close(this, reason);
            return;
        }
        try {
            lane.loop().eventLoop().execute(() -> table.close(this, reason));
        } catch (RejectedExecutionException loopEnded) {
            // The session before it.
        }
    }

    @Override
    public void fail(Throwable cause) {
        lane.faulty(cause);
        close(CloseReason.HANDLER_FAILED);
    }

    @Override
    public boolean writable() {
        return !ended && lane.channel().isWritable();
    }

    @Override
    public void whenWritable(Runnable task) {
        if (tellingEnd != Thread.currentThread()) { // Else it would be told, and ask again, for ever.
            lane.whenWritable(() -> tell(task));
        }
    }

    private void tell(Runnable task) {
        tellingEnd = ended ? Thread.currentThread() : null;
        try {
            task.run();
        } finally {
            tellingEnd = null;
        }
    }

    @Override
    public CompletionStage<CloseReason> closed() {
        return closed.minimalCompletionStage();
    }

    @Override
    public long id() {
        return id;
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
}

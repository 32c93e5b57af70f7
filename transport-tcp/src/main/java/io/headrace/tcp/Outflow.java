package io.headrace.tcp;

import io.headrace.CloseReason;
import io.headrace.OpenLoop;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.ReferenceCounted;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * Everything that leaves one connection: the bounded queue toward its peer, one flush per batch, and how many bytes the socket took.
 *
 * <pre>
 *  send (any thread) --at most 1,024 messages--> event loop --at most cap bytes--> Netty's queue --flush--> socket
 *  reply (event loop) ---------------------------------^ not refused: bounded by the open exchanges
 * </pre>
 */
final class Outflow<O> {
    /** Messages that other threads have sent and the event loop has not seen yet. */
    private static final int MAX_HANDED = 1_024;
    /** The watches hear of what waits in such steps until it is flushed. */
    private static final int STEP_BYTES = 4_096;

    private static final AtomicIntegerFieldUpdater<Outflow<?>> HANDED = updater("handed");
    private static final AtomicIntegerFieldUpdater<Outflow<?>> REFUSED = updater("refused");

    private final StreamConnection<?, O> connection;
    private final Channel channel;
    private final OpenLoop loop;

    @SuppressWarnings("unused") // Through HANDED.
    private volatile int handed;

    @SuppressWarnings(
            "unused") // Through REFUSED: pushes of other threads that found no room, and nobody has counted yet.
    private volatile int refused;

    private volatile long capBytes = Long.MAX_VALUE;

    // Event loop only.
    private long queuedBytes;
    private long sentBytes;
    private long toldBytes;
    private boolean countedBySocket;
    private boolean unwritable;
    private boolean cutOff;
    private boolean unflushed;
    private boolean flushNeeded;
    private boolean flushScheduled;
    private boolean closesWhenFull;
    private WaitingSenders waiting; // Null until somebody has waited.
    private Backlog backlog; // Only where the oldest push may be dropped.

    Outflow(StreamConnection<?, O> connection, Channel channel, OpenLoop loop) {
        this.connection = connection;
        this.channel = channel;
        this.loop = loop;
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static AtomicIntegerFieldUpdater<Outflow<?>> updater(String field) {
        return (AtomicIntegerFieldUpdater) AtomicIntegerFieldUpdater.newUpdater(Outflow.class, field);
    }

    /** As its event loop tells it: the connection's progress has no room of its own for the loop. */
    long sweptNs(long thenNs) {
        return loop.sweptNs(thenNs);
    }

    /** Messages are refused while more than this waits. */
    void cap(long bytes) {
        capBytes = bytes;
    }

    /** A handler for the place next to the socket, which counts from now on. */
    SentCounter counter() {
        countedBySocket = true;
        return new SentCounter(this);
    }

    /** Sends, from any thread; false when the peer is gone or its queue is full. Consumes {@code message}. */
    boolean send(O message) {
        boolean handedOver = OpenLoop.handOver(message);
        if (loop.eventLoop().inEventLoop()) {
            return admits() ? take(message, handedOver) : surplus(message, handedOver);
        }
        if (HANDED.incrementAndGet(this) > MAX_HANDED || !admits()) {
            HANDED.decrementAndGet(this);
            return surplusElsewhere(message, handedOver);
        }
        return hop(
                () -> {
                    HANDED.decrementAndGet(this);
                    take(message, handedOver); // It was admitted, so it leaves however full the queue is by now.
                },
                message);
    }

    /** Any thread. */
    private boolean admits() {
        return connection.open() && (backlog != null || pendingBytes() <= capBytes);
    }

    private boolean hop(Runnable task, O message) {
        try {
            loop.eventLoop().execute(task);
            return true;
        } catch (RejectedExecutionException loopsAreGone) {
            ReferenceCountUtil.release(message);
            return false;
        }
    }

    private boolean refuse(O message, boolean handedOver) {
        if (!handedOver) {
            connection.tail().handOver(message); // Consumed, so the exchange it came in with must not release it again.
        }
        ReferenceCountUtil.release(message);
        return false;
    }

    /** A push for which there is no room. On the loop. */
    private boolean surplus(O message, boolean handedOver) {
        refuse(message, handedOver);
        if (connection.open()) {
            noRoom();
        }
        return false;
    }

    private void noRoom() {
        connection.messageDropped();
        if (closesWhenFull) {
            connection.close(CloseReason.SLOW_CONSUMER);
        }
    }

    /** The same on another thread, which may send much faster than the loop hears of it. */
    private boolean surplusElsewhere(O message, boolean handedOver) {
        if (message instanceof ReferenceCounted && !handedOver) {
            // On the loop, where it is known whether the message came in with an exchange that is still open.
            hop(() -> surplus(message, false), message);
            return false;
        }
        ReferenceCountUtil.release(message);
        if (REFUSED.getAndIncrement(this) == 0) {
            hop(this::countRefused, null);
        }
        return false;
    }

    private void countRefused() {
        for (int count = REFUSED.getAndSet(this, 0); count > 0 && connection.open(); count--) {
            noRoom();
        }
    }

    private boolean take(O message, boolean handedOver) {
        if (!connection.open()) {
            return refuse(message, handedOver);
        }
        if (!handedOver) {
            connection.tail().handOver(message);
        }
        Object encoded;
        try {
            encoded = connection.tail().encode(message);
        } catch (Throwable failure) {
            connection.fail(failure);
            return false;
        }
        queue(encoded, false);
        return true;
    }

    /** Queues an answer that was encoded; it leaves at the end of the batch. Takes ownership. */
    void write(Object encoded) {
        queue(encoded, true);
    }

    private void queue(Object encoded, boolean reply) {
        if (backlog == null || (backlog.isEmpty() && channel.isWritable())) {
            put(encoded);
            return;
        }
        backlog.add(encoded, reply);
        for (int dropped = backlog.trim(capBytes); dropped > 0; dropped--) {
            connection.messageDropped();
        }
        tellInSteps();
    }

    /** There is room again for what waits in front of the queue. */
    private void refill(boolean all) {
        while (backlog != null && !backlog.isEmpty() && (all || channel.isWritable())) {
            put(backlog.take());
        }
    }

    private void put(Object encoded) {
        if (!countedBySocket && encoded instanceof ByteBuf bytes) {
            queued(bytes.readableBytes());
        }
        channel.write(encoded, channel.voidPromise());
        unflushed = true;
        tellInSteps();
        if (connection.tail().inBatch()) {
            flushNeeded = true;
        } else if (!flushScheduled) {
            flushScheduled = true; // Whatever else this turn of the loop sends leaves with it.
            loop.eventLoop().execute(this::flushScheduled);
        }
    }

    private void tellInSteps() {
        if (waitingInAll() - toldBytes >= STEP_BYTES) {
            tell();
        }
    }

    void queued(int bytes) {
        queuedBytes += bytes;
    }

    private void flushScheduled() {
        flushScheduled = false;
        flush();
    }

    /** The batch is over. */
    void batchEnded() {
        if (flushNeeded) {
            flush();
        }
    }

    void flush() {
        flushNeeded = false;
        unflushed = false;
        channel.flush();
        tell();
        if (toldBytes == 0) {
            settle(); // Else the sweep does: looking through a long queue at every flush would cost more than sending.
        }
    }

    /** Tells the watches how much waits. */
    void tell() {
        tell(waitingInAll());
    }

    private void tell(long waitingBytes) {
        long more = waitingBytes - toldBytes;
        if (more != 0) {
            toldBytes = waitingBytes;
            connection.bytesPending(more);
        }
    }

    /** The queue went over the high mark, or back under the low one. Tells whether that is news. */
    boolean writable(boolean writable) {
        boolean news = unwritable == writable;
        unwritable = !writable;
        if (news && writable && !cutOff) {
            refill(false);
        }
        return news;
    }

    /**
     * Nothing waits any more: told now, not when it is heard that the socket is gone, because somebody may wait for the memory; and io_uring
     * keeps what it is writing until the system has given it up.
     */
    void cutOff() {
        cutOff = true;
        if (backlog != null) {
            queuedBytes += backlog.bytes(); // They were sent, and now they are dropped.
            backlog.drop();
        }
        tell(0);
    }

    /** What Netty's queue holds, and what waits in front of it. */
    long waitingInAll() {
        return pendingBytes() + (backlog == null ? 0 : backlog.bytes());
    }

    /** From now on what is over the high mark waits where the oldest push can be dropped. */
    void dropOldest() {
        backlog = new Backlog();
    }

    /** From now on the connection is cut off when a push is refused for want of room. */
    void closeWhenFull() {
        closesWhenFull = true;
    }

    /** The connection is gone, and what waited with it; returns how many bytes that were. */
    long ended() {
        cutOff();
        return Math.max(0, queuedBytes - sentBytes);
    }

    /** Flushes, and runs {@code allLeft} when the socket has taken everything, or never will. */
    void flushLast(Runnable allLeft) {
        refill(true);
        flush();
        if (pendingBytes() == 0) {
            allLeft.run();
            return;
        }
        // The promise of an empty write is kept when all before it has left. Past the handlers, who would frame it.
        channel.unsafe().write(Unpooled.EMPTY_BUFFER, channel.newPromise().addListener(flushed -> allLeft.run()));
        channel.unsafe().flush();
    }

    /** Tells the watches how much the socket has taken since last time. */
    void settle() {
        if (unflushed) {
            return; // What was not flushed was not offered to the socket, and is not told apart below.
        }
        long taken = queuedBytes - waitingBytes() - sentBytes;
        if (taken > 0) {
            sentBytes += taken;
            connection.bytesSent(taken);
        }
    }

    /** Bytes that are queued and the socket has not taken. */
    private long waitingBytes() {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        if (buffer == null || buffer.totalPendingWriteBytes() == 0) {
            return buffer == null ? queuedBytes - sentBytes : 0;
        }
        long[] waiting = {0};
        try {
            buffer.forEachFlushedMessage(message -> {
                if (message instanceof ByteBuf bytes) {
                    waiting[0] += bytes.readableBytes();
                }
                return true;
            });
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        }
        return waiting[0];
    }

    /** What Netty's queue holds, with its overhead. Any thread. */
    long pendingBytes() {
        if (cutOff) {
            return 0;
        }
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes();
    }

    /** Bytes that were sent by the application and have not left, when the connection is cut off. */
    long droppedBytes() {
        return (channel.unsafe().outboundBuffer() == null ? 0 : waitingBytes())
                + (backlog == null ? 0 : backlog.bytes());
    }

    /** Bytes that were ever queued toward the socket. */
    long queuedBytes() {
        return queuedBytes;
    }

    long sentBytes() {
        return sentBytes;
    }

    void whenWritable(Runnable task) {
        if (connection.open() && channel.isWritable()) {
            task.run();
            return;
        }
        if (waiting == null) {
            waiting = new WaitingSenders(connection);
        }
        waiting.add(task);
    }

    /** Writable again, or ended. */
    void wakeWaiting() {
        if (waiting != null) {
            waiting.wake();
        }
    }

    /** The event loop has ended, and whoever waits would wait for ever. Any thread; once, as {@link WaitingSenders} do it. */
    void tellGone(Runnable task) {
        if (!Thread.holdsLock(this)) {
            synchronized (this) {
                task.run();
            }
        }
    }
}

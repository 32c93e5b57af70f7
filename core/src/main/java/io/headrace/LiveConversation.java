package io.headrace;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;

/**
 * Between a connection's event loop, which puts messages in, and the script's thread, which takes them out.
 *
 * <p>The queue is bounded by the connection: a message's exchange stays open until the script asks for the next one, and a
 * connection with too many open exchanges stops reading. Each delivery holds a reference of its message, so that a connection
 * that ends does not pull a buffer away under the script.
 */
final class LiveConversation<I, O> implements Conversation<I, O>, Session<I> {
    private static final Crew WORKERS = Workers.forConversations();
    /** How many messages may be sent before the script waits for the loop to have taken them. */
    private static final int SENDS_IN_ADVANCE = 64;

    private final Connection<O> connection;
    private final Script<I, O> script;
    private final BlockingQueue<Delivery<I, O>> deliveries = new LinkedBlockingQueue<>();
    private final Delivery<I, O> none = new Delivery<>(null, null);
    private final Delivery<I, O> end = new Delivery<>(null, null);
    private volatile CloseReason reason;
    private volatile boolean draining;
    // Script's thread only.
    private Delivery<I, O> taken = none;
    private IOException broken;
    private int sent;

    LiveConversation(Connection<O> connection, Script<I, O> script) {
        this.connection = connection;
        this.script = script;
    }

    @Override
    public void opened() {
        if (!WORKERS.admits()) {
            connection.close(CloseReason.WORKERS_BUSY);
        } else if (!WORKERS.execute(this::run)) {
            WORKERS.left();
            connection.close(CloseReason.WORKERS_BUSY);
        }
    }

    private void run() {
        try {
            script.run(this);
            connection.close();
        } catch (Throwable failure) {
            if (failure == broken || reason != null) { // A script that meets a broken connection has not failed.
                connection.close();
            } else {
                connection.fail(failure);
            }
        } finally {
            WORKERS.left();
            taken.done();
            drop();
        }
    }

    @Override
    public I receive() throws IOException, InterruptedException {
        if (taken != end) { // What comes after the end, while the server drains, is not for this script any more.
            taken.done();
            taken = none;
            taken = deliveries.take();
        }
        CloseReason how = reason;
        if (taken == end && how != null && how != CloseReason.PEER_FINISHED && how != CloseReason.DRAINED) {
            throw broken();
        }
        return taken.message;
    }

    @Override
    public void send(O message) throws IOException, InterruptedException {
        O ours = message == taken.message ? another(message) : message;
        if (!connection.writable() || ++sent % SENDS_IN_ADVANCE == 0) {
            awaitWritable(ours);
        }
        if (!connection.send(ours)) {
            throw broken();
        }
    }

    /**
     * The inbound buffer is not sent itself: its reference belongs to an exchange, which may end at any moment on the event loop, so from
     * here nobody can say whether there is still one to hand over.
     */
    @SuppressWarnings("unchecked") // A duplicate of a buffer is a buffer.
    private static <O> O another(O message) {
        return message instanceof ByteBuf bytes ? (O) bytes.retainedDuplicate() : message;
    }

    private void awaitWritable(O message) throws InterruptedException {
        Semaphore writable = new Semaphore(0);
        connection.whenWritable(writable::release);
        try {
            writable.acquire();
        } catch (InterruptedException interrupted) {
            ReferenceCountUtil.release(message);
            throw interrupted;
        }
    }

    private IOException broken() {
        CloseReason how = reason;
        broken = new IOException("connection to " + Text.of(connection.address())
                + (how == null ? " takes no more: it is closing, or its queue is full" : " has ended: " + how.tag()));
        return broken;
    }

    @Override
    public boolean serverDraining() {
        return draining;
    }

    @Override
    public Connection<O> connection() {
        return connection;
    }

    /** Event loop only. */
    void received(I message, Exchange<O> exchange) {
        deliveries.add(new Delivery<>(ReferenceCountUtil.retain(message), exchange));
    }

    @Override
    public void received(I message) {
        throw new IllegalStateException("a conversation takes messages with their exchanges");
    }

    @Override
    public boolean peerFinished() {
        deliveries.add(end);
        return false;
    }

    @Override
    public boolean draining() {
        draining = true;
        deliveries.add(end);
        return false;
    }

    @Override
    public void closed(CloseReason how) {
        reason = how;
        drop();
        deliveries.add(end);
    }

    private void drop() {
        for (Delivery<I, O> left; (left = deliveries.poll()) != null; ) {
            left.done();
        }
    }

    private record Delivery<I, O>(I message, Exchange<O> exchange) {
        void done() {
            if (exchange != null) {
                exchange.consume();
                ReferenceCountUtil.release(message);
            }
        }
    }
}

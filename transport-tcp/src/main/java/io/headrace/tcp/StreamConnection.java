package io.headrace.tcp;

import io.headrace.Attribute;
import io.headrace.Attributes;
import io.headrace.CloseReason;
import io.headrace.Connection;
import io.headrace.ConnectionInfo;
import io.headrace.Line;
import io.headrace.Session;
import io.headrace.SessionHolder;
import io.headrace.Text;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.Socket;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;

/** One stream, as the application sees it. Event loop only, but for what {@link Connection} promises to any thread. */
final class StreamConnection<I, O> extends StreamLife<I, O> implements Connection<O>, SessionHolder, OnSocket {
    private final long id;
    private final Arrival arrival;
    private volatile Attributes attributes; // Null until one is set.
    /** Where it stands in its loop's list. */
    int index;

    /** {@code arrival} is what the gates let in; null where we connected. */
    StreamConnection(DuplexChannel channel, StreamLoop<I, O> loop, Arrival arrival, long id, long openedNs) {
        super(channel, loop, openedNs);
        this.id = id;
        this.arrival = arrival;
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
        runOnLoop(() -> ask(why));
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
        if (!runOnLoop(() -> outflow.whenWritable(task))) {
            outflow.tellGone(task);
        }
    }

    /** False where the loops are gone, and the connection with them. */
    private boolean runOnLoop(Runnable task) {
        if (onLoop()) {
            task.run();
            return true;
        }
        try {
            loop.open().eventLoop().execute(task);
            return true;
        } catch (RejectedExecutionException loopsAreGone) {
            return false;
        }
    }

    private boolean onLoop() {
        return loop.open().eventLoop().inEventLoop();
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public SocketAddress address() {
        return channel.remoteAddress();
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

    // ---- what the package sees

    @Override
    public Socket socket() {
        return StreamBackend.linuxSocket(channel);
    }

    /** Any thread: asked of a descriptor that is ours before and after. */
    Optional<PeerCredentials> credentials() {
        Optional<PeerCredentials> credentials =
                channel.isOpen() ? StreamBackend.credentials(channel) : Optional.empty();
        return channel.isOpen() ? credentials : Optional.empty();
    }

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
                Duration.ofNanos(progress.ageNs(nowNs)),
                progress.receivedBytes(),
                progress.sentBytes(),
                outflow.queuedBytes() - progress.sentBytes(),
                tail.openExchanges(),
                state());
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

    @Override
    public String toString() {
        return "connection from " + label();
    }
}

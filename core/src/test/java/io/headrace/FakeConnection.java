package io.headrace;

import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** A connection without a socket, which writes down what is done to it. Any thread. */
final class FakeConnection implements Connection<Object>, SessionHolder {
    /** What was sent, buffers as text; each buffer is released, as a socket would. */
    final List<Object> sent = new CopyOnWriteArrayList<>();

    final List<CloseReason> closes = new CopyOnWriteArrayList<>();
    final List<Throwable> failures = new CopyOnWriteArrayList<>();
    /** Who waits until the peer reads. */
    final List<Runnable> waiting = new CopyOnWriteArrayList<>();

    volatile SocketAddress address = InetSocketAddress.createUnresolved("peer", 1);
    volatile boolean writable = true;
    volatile boolean ended;
    /** How often somebody asked to be told when it is writable. */
    volatile int barriers;

    private volatile Attributes attributes;
    private Session<?> session;
    private OrderedExchanges<Object> exchanges;
    private OpenLoop loop;

    /** Gives it its session and lets its messages be handled. */
    void open(Application<?, Object> application, OpenLoop loop, Owner owner) {
        this.loop = loop;
        this.session = application.session(this);
        this.exchanges = new OrderedExchanges<>(loop, this, owner);
    }

    OrderedExchanges<Object> exchanges() {
        return exchanges;
    }

    @Override
    public long id() {
        return 1;
    }

    @Override
    public <T> T get(Attribute<T> attribute) {
        return Attributes.get(attributes, attribute);
    }

    @Override
    public <T> T set(Attribute<T> attribute, T value) {
        T before = get(attribute);
        attributes = Attributes.with(attributes, attribute, value);
        return before;
    }

    @Override
    public SocketAddress address() {
        return address;
    }

    @Override
    public SocketAddress localAddress() {
        return InetSocketAddress.createUnresolved("here", 2);
    }

    /** On the loop, as a real one. */
    @Override
    public boolean send(Object message) {
        if (ended) {
            ReferenceCountUtil.release(message);
            return false;
        }
        boolean handedOver = OpenLoop.handOver(message);
        loop.eventLoop().execute(() -> {
            if (!handedOver) {
                exchanges.handOver(message);
            }
            new Owner(sent).answer(this, message);
        });
        return true;
    }

    @Override
    public boolean sendAndClose(Object message) {
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
        closes.add(reason);
    }

    @Override
    public void fail(Throwable cause) {
        failures.add(cause);
    }

    @Override
    public boolean writable() {
        return writable;
    }

    @Override
    public void whenWritable(Runnable task) {
        barriers++; // One script, one thread.
        if (writable || ended) {
            task.run();
        } else {
            waiting.add(task);
        }
    }

    @Override
    public CompletionStage<CloseReason> closed() {
        return new CompletableFuture<>();
    }

    @Override
    @SuppressWarnings("unchecked")
    public <I> Session<I> session() {
        return (Session<I>) session;
    }
}

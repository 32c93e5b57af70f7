package io.headrace.tcp;

import io.netty.channel.AbstractServerChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** The listening end of in-memory streams. Runs on any event loop: it is told by tasks, not by I/O. */
final class InMemoryServerChannel extends AbstractServerChannel {
    private static final ConcurrentMap<SocketAddress, InMemoryServerChannel> LISTENING = new ConcurrentHashMap<>();

    private final ChannelConfig config = new DefaultChannelConfig(this) {
        @Override
        protected void autoReadCleared() {
            readPending = false;
        }
    };
    private final InMemoryOptions options;
    private final Queue<InMemoryChannel> backlog =
            new ArrayDeque<>(); // Guarded by itself, and so is every write to closed.
    private volatile SocketAddress address;
    private volatile boolean closed;
    private volatile boolean readPending;

    InMemoryServerChannel(InMemoryOptions options) {
        this.options = options;
        config.setRecvByteBufAllocator(new ServerChannelRecvByteBufAllocator());
    }

    /** Connects this client to whoever listens on the address, and gives the other end. */
    static InMemoryChannel connect(InMemoryChannel client, SocketAddress address) throws ConnectException {
        InMemoryServerChannel server = LISTENING.get(address);
        if (server == null) {
            throw new ConnectException("Connection refused");
        }
        return server.admit(client);
    }

    private InMemoryChannel admit(InMemoryChannel client) throws ConnectException {
        InMemoryChannel accepted = new InMemoryChannel(this, client, options.receiveBufferBytes());
        synchronized (backlog) {
            if (closed || backlog.size() >= options.backlog()) {
                throw new ConnectException("Connection refused");
            }
            backlog.add(accepted);
        }
        InMemoryChannel.later(this, this::accept);
        return accepted;
    }

    private InMemoryChannel next() {
        synchronized (backlog) {
            return backlog.poll();
        }
    }

    private void accept() {
        if (!readPending) {
            return;
        }
        var handle = unsafe().recvBufAllocHandle();
        handle.reset(config);
        int accepted = 0;
        do {
            InMemoryChannel next = next();
            if (next == null) {
                break;
            }
            accepted++;
            readPending = false;
            handle.incMessagesRead(1);
            pipeline().fireChannelRead(next);
        } while (handle.continueReading());
        if (accepted > 0) {
            handle.readComplete();
            pipeline().fireChannelReadComplete();
        }
    }

    @Override
    protected void doBeginRead() {
        readPending = true;
        InMemoryChannel.later(this, this::accept);
    }

    @Override
    protected void doBind(SocketAddress wanted) throws BindException {
        if (LISTENING.putIfAbsent(wanted, this) != null) {
            throw new BindException("Address already in use");
        }
        address = wanted;
    }

    @Override
    protected void doClose() {
        synchronized (backlog) {
            closed = true;
        }
        if (address != null) {
            LISTENING.remove(address, this);
        }
        for (InMemoryChannel neverAccepted; (neverAccepted = next()) != null; ) {
            neverAccepted.reset();
        }
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected SocketAddress localAddress0() {
        return address;
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public boolean isActive() {
        return address != null && !closed;
    }
}

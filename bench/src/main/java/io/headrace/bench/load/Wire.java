package io.headrace.bench.load;

import io.headrace.bench.netty.RawBackend;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;

/** How one loop opens sockets toward one destination. */
final class Wire {
    private final Plan plan;
    private final Destination destination;
    private final SocketAddress remote;
    private final Bootstrap bootstrap;
    private final int patienceMs;
    private final OwnPaths ownPaths = new OwnPaths();
    private long opened;
    private ByteBuf inbox;

    /** @param first from which of the local addresses the first connection comes */
    Wire(Plan plan, Destination destination, EventLoop loop, int first) {
        this.plan = plan;
        this.destination = destination;
        opened = first;
        remote = plan.backend().address(destination.address());
        patienceMs = patienceMs(plan.timeoutNs());
        bootstrap = new Bootstrap()
                .group(loop)
                .channel(channels())
                .disableResolver()
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, patienceMs);
        choosePortsLate();
        if (destination.scheme().datagrams()) {
            bootstrap.option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(room()));
        }
    }

    /** As Netty takes it. */
    static int patienceMs(long ns) {
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, TimeUnit.NANOSECONDS.toMillis(ns)));
    }

    private Class<? extends Channel> channels() {
        return destination.scheme().datagrams()
                ? plan.backend().datagrams()
                : plan.backend().clients(destination.address());
    }

    /** The port is chosen when the other side is known: only pairs of addresses and ports have to differ. */
    private void choosePortsLate() {
        if (destination.scheme() == Scheme.UNIX || destination.scheme().datagrams()) {
            return;
        }
        if (plan.backend() == RawBackend.EPOLL) {
            bootstrap.option(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true);
        }
    }

    /** Room for a datagram: one byte more than is expected, so that what is too long is not taken for an answer. */
    private int room() {
        return plan.message().length + 1;
    }

    /** Whether a connection can only be used after a handshake. */
    boolean shakesHands() {
        return destination.scheme() == Scheme.TLS;
    }

    ChannelFuture connect(ChannelHandler flow) {
        Bootstrap one = bootstrap.clone().handler(shakesHands() ? withTls(flow) : flow);
        return one.connect(remote, from());
    }

    /** A socket that is not open yet. */
    Datagrams datagrams(Datagrams.Listener listener) {
        if (plan.backend() != RawBackend.EPOLL) {
            return new ChannelDatagrams(this, listener);
        }
        if (inbox == null) {
            inbox = PooledByteBufAllocator.DEFAULT.directBuffer(room(), room());
        }
        IoEventLoop loop = (IoEventLoop) bootstrap.config().group();
        return new EpollDatagrams(loop, remote, from(), inbox, listener);
    }

    private SocketAddress from() {
        return switch (destination.scheme()) {
            case UNIX -> null;
            case UNIXGRAM -> ownPaths.next();
            default -> plan.sources().at(opened++);
        };
    }

    /** Nothing is opened any more, and nothing read. */
    void close() {
        ownPaths.close();
        if (inbox != null) {
            inbox.release();
            inbox = null;
        }
    }

    private ChannelHandler withTls(ChannelHandler flow) {
        return new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                SslContext tls = plan.tls();
                String name = plan.tlsName() == null ? destination.host() : plan.tlsName();
                SslHandler handler = tls.newHandler(channel.alloc(), name, 0);
                handler.setHandshakeTimeoutMillis(patienceMs);
                channel.pipeline().addLast(handler, flow);
            }
        };
    }

    @Override
    public String toString() {
        return destination.toString();
    }
}

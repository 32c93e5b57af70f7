package io.headrace.bench.load;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;

/** How one loop opens sockets toward one destination. */
final class Wire {
    private static final int BATCH = 16;
    private static final int LONGEST_MS = 60_000;

    private final Plan plan;
    private final Destination destination;
    private final SocketAddress remote;
    private final Bootstrap bootstrap;
    private final int patienceMs;
    private long opened;

    /** @param first from which of the local addresses the first connection comes */
    Wire(Plan plan, Destination destination, EventLoop loop, int first) {
        this.plan = plan;
        this.destination = destination;
        opened = first;
        remote = plan.backend().address(destination.address());
        patienceMs = (int) Math.max(1, Math.min(LONGEST_MS, TimeUnit.NANOSECONDS.toMillis(plan.timeoutNs())));
        bootstrap = new Bootstrap()
                .group(loop)
                .channel(plan.backend().channels(destination.scheme()))
                .disableResolver()
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, patienceMs);
        choosePortsLate();
        if (destination.scheme().datagrams()) {
            receiveInBatches();
        }
    }

    /** The port is chosen when the other side is known: only pairs of addresses and ports have to differ. */
    private void choosePortsLate() {
        if (destination.scheme() == Destination.Scheme.UNIX
                || destination.scheme().datagrams()) {
            return;
        }
        if (plan.backend() == Backend.EPOLL) {
            bootstrap.option(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true);
        }
    }

    /** One byte more than is expected, so that what is too long is not taken for an answer. */
    private void receiveInBatches() {
        int bytes = plan.message().length + 1;
        if (plan.backend() == Backend.EPOLL && plan.window() > 1) {
            bootstrap.option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, bytes);
            bytes *= Math.min(plan.window(), BATCH);
        }
        bootstrap.option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(bytes));
    }

    /** Whether a connection can only be used after a handshake. */
    boolean shakesHands() {
        return destination.scheme() == Destination.Scheme.TLS;
    }

    ChannelFuture connect(ChannelHandler flow) {
        Bootstrap one = bootstrap.clone().handler(shakesHands() ? withTls(flow) : flow);
        SocketAddress from = destination.scheme() == Destination.Scheme.UNIX
                ? null
                : plan.sources().at(opened++);
        return one.connect(remote, from);
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

package io.headrace.bench;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.kqueue.KQueue;
import io.netty.channel.kqueue.KQueueDatagramChannel;
import io.netty.channel.kqueue.KQueueIoHandler;
import io.netty.channel.kqueue.KQueueServerDomainSocketChannel;
import io.netty.channel.kqueue.KQueueServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.function.Function;
import java.util.function.Supplier;

/** Netty's own classes for one of the system's interfaces. Named as the backends of Headrace are. */
enum RawBackend {
    NIO(
            () -> null,
            NioIoHandler::newFactory,
            NioServerSocketChannel.class,
            NioServerDomainSocketChannel.class,
            UnixDomainSocketAddress::of,
            NioDatagramChannel.class),
    EPOLL(
            Epoll::unavailabilityCause,
            EpollIoHandler::newFactory,
            EpollServerSocketChannel.class,
            EpollServerDomainSocketChannel.class,
            DomainSocketAddress::new,
            EpollDatagramChannel.class),
    KQUEUE(
            KQueue::unavailabilityCause,
            KQueueIoHandler::newFactory,
            KQueueServerSocketChannel.class,
            KQueueServerDomainSocketChannel.class,
            DomainSocketAddress::new,
            KQueueDatagramChannel.class),
    IO_URING(
            IoUring::unavailabilityCause,
            IoUringIoHandler::newFactory,
            IoUringServerSocketChannel.class,
            IoUringServerDomainSocketChannel.class,
            DomainSocketAddress::new,
            IoUringDatagramChannel.class);

    private final Supplier<Throwable> obstacle;
    private final Supplier<IoHandlerFactory> handlers;
    private final Class<? extends ServerChannel> tcp;
    private final Class<? extends ServerChannel> unix;
    private final Function<String, SocketAddress> unixAddress;
    private final Class<? extends DatagramChannel> udp;

    RawBackend(
            Supplier<Throwable> obstacle,
            Supplier<IoHandlerFactory> handlers,
            Class<? extends ServerChannel> tcp,
            Class<? extends ServerChannel> unix,
            Function<String, SocketAddress> unixAddress,
            Class<? extends DatagramChannel> udp) {
        this.obstacle = obstacle;
        this.handlers = handlers;
        this.tcp = tcp;
        this.unix = unix;
        this.unixAddress = unixAddress;
        this.udp = udp;
    }

    /** Why this machine does not have it, or null where it does. */
    String obstacle() {
        Throwable cause = obstacle.get();
        if (cause == null) {
            return null;
        }
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage();
    }

    IoHandlerFactory handlers() {
        return handlers.get();
    }

    Class<? extends ServerChannel> streams(SocketAddress address) {
        return address instanceof UnixDomainSocketAddress ? unix : tcp;
    }

    Class<? extends DatagramChannel> datagrams() {
        return udp;
    }

    /** The address as its channels take it: the natives have a type of their own for paths. */
    SocketAddress address(SocketAddress address) {
        return address instanceof UnixDomainSocketAddress path ? unixAddress.apply(path.toString()) : address;
    }
}

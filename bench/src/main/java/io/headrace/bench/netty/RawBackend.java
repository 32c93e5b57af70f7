package io.headrace.bench.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.kqueue.KQueue;
import io.netty.channel.kqueue.KQueueDatagramChannel;
import io.netty.channel.kqueue.KQueueDomainSocketChannel;
import io.netty.channel.kqueue.KQueueIoHandler;
import io.netty.channel.kqueue.KQueueServerDomainSocketChannel;
import io.netty.channel.kqueue.KQueueServerSocketChannel;
import io.netty.channel.kqueue.KQueueSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Supplier;

/** Netty's own classes for one of the system's interfaces, for servers and clients. Named as the backends of Headrace are. */
public enum RawBackend {
    NIO(
            () -> null,
            NioIoHandler::newFactory,
            new Streams(NioServerSocketChannel.class, NioSocketChannel.class),
            new Streams(NioServerDomainSocketChannel.class, NioDomainSocketChannel.class),
            UnixDomainSocketAddress::of,
            NioDatagramChannel.class),
    EPOLL(
            Epoll::unavailabilityCause,
            EpollIoHandler::newFactory,
            new Streams(EpollServerSocketChannel.class, EpollSocketChannel.class),
            new Streams(EpollServerDomainSocketChannel.class, EpollDomainSocketChannel.class),
            DomainSocketAddress::new,
            EpollDatagramChannel.class),
    KQUEUE(
            KQueue::unavailabilityCause,
            KQueueIoHandler::newFactory,
            new Streams(KQueueServerSocketChannel.class, KQueueSocketChannel.class),
            new Streams(KQueueServerDomainSocketChannel.class, KQueueDomainSocketChannel.class),
            DomainSocketAddress::new,
            KQueueDatagramChannel.class),
    IO_URING(
            IoUring::unavailabilityCause,
            IoUringIoHandler::newFactory,
            new Streams(IoUringServerSocketChannel.class, IoUringSocketChannel.class),
            new Streams(IoUringServerDomainSocketChannel.class, IoUringDomainSocketChannel.class),
            DomainSocketAddress::new,
            IoUringDatagramChannel.class);

    /** What listens, and what connects. */
    private record Streams(Class<? extends ServerChannel> listener, Class<? extends Channel> client) {}

    private final Supplier<Throwable> obstacle;
    private final Supplier<IoHandlerFactory> handlers;
    private final Streams tcp;
    private final Streams unix;
    private final Function<String, SocketAddress> unixAddress;
    private final Class<? extends DatagramChannel> udp;

    RawBackend(
            Supplier<Throwable> obstacle,
            Supplier<IoHandlerFactory> handlers,
            Streams tcp,
            Streams unix,
            Function<String, SocketAddress> unixAddress,
            Class<? extends DatagramChannel> udp) {
        this.obstacle = obstacle;
        this.handlers = handlers;
        this.tcp = tcp;
        this.unix = unix;
        this.unixAddress = unixAddress;
        this.udp = udp;
    }

    /** Epoll where there is one. */
    public static RawBackend auto() {
        return EPOLL.obstacle() == null ? EPOLL : NIO;
    }

    /** Which one a channel is of. */
    public static RawBackend of(Channel channel) {
        return switch (channel.getClass().getPackageName()) {
            case "io.netty.channel.epoll" -> EPOLL;
            case "io.netty.channel.kqueue" -> KQUEUE;
            case "io.netty.channel.uring" -> IO_URING;
            default -> NIO;
        };
    }

    /** Why this machine does not have it, or null where it does. */
    public String obstacle() {
        Throwable cause = obstacle.get();
        if (cause == null) {
            return null;
        }
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }

    public IoHandlerFactory handlers() {
        return handlers.get();
    }

    public Class<? extends ServerChannel> listeners(SocketAddress address) {
        return streams(address).listener;
    }

    public Class<? extends Channel> clients(SocketAddress address) {
        return streams(address).client;
    }

    private Streams streams(SocketAddress address) {
        return address instanceof UnixDomainSocketAddress ? unix : tcp;
    }

    public Class<? extends DatagramChannel> datagrams() {
        return udp;
    }

    /** The address as its channels take it: the natives have a type of their own for paths. */
    public SocketAddress address(SocketAddress address) {
        return address instanceof UnixDomainSocketAddress path ? unixAddress.apply(path.toString()) : address;
    }

    /** As command lines name it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Has a datagram channel read up to {@code count} datagrams of {@code bytes} with one system call. Epoll only. */
    public Bootstrap batches(Bootstrap bootstrap, int bytes, int count) {
        if (this != EPOLL) {
            throw new IllegalStateException("batches of datagrams: " + this + " (expected: EPOLL)");
        }
        RecvByteBufAllocator allocator = new FixedRecvByteBufAllocator(bytes * count).maxMessagesPerRead(count);
        return bootstrap
                .option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, bytes)
                .option(ChannelOption.RECVBUF_ALLOCATOR, allocator);
    }
}

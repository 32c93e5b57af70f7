package io.headrace.bench.load;

import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringSocketChannel;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.Locale;
import java.util.function.Supplier;

/** Which of the system's interfaces a load is sent through. */
enum Backend {
    NIO(
            () -> null,
            NioIoHandler::newFactory,
            NioSocketChannel.class,
            NioDomainSocketChannel.class,
            NioDatagramChannel.class),
    EPOLL(
            Epoll::unavailabilityCause,
            EpollIoHandler::newFactory,
            EpollSocketChannel.class,
            EpollDomainSocketChannel.class,
            EpollDatagramChannel.class),
    IO_URING(
            IoUring::unavailabilityCause,
            IoUringIoHandler::newFactory,
            IoUringSocketChannel.class,
            IoUringDomainSocketChannel.class,
            IoUringDatagramChannel.class);

    private final Supplier<Throwable> obstacle;
    private final Supplier<IoHandlerFactory> handlers;
    private final Class<? extends Channel> tcp;
    private final Class<? extends Channel> unix;
    private final Class<? extends DatagramChannel> udp;

    Backend(
            Supplier<Throwable> obstacle,
            Supplier<IoHandlerFactory> handlers,
            Class<? extends Channel> tcp,
            Class<? extends Channel> unix,
            Class<? extends DatagramChannel> udp) {
        this.obstacle = obstacle;
        this.handlers = handlers;
        this.tcp = tcp;
        this.unix = unix;
        this.udp = udp;
    }

    /** Epoll where there is one. */
    static Backend auto() {
        return EPOLL.obstacle() == null ? EPOLL : NIO;
    }

    /** Why this machine does not have it, or null where it does. */
    String obstacle() {
        Throwable cause = obstacle.get();
        while (cause != null && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause == null ? null : String.valueOf(cause.getMessage());
    }

    IoHandlerFactory handlers() {
        return handlers.get();
    }

    Class<? extends Channel> channels(Destination.Scheme scheme) {
        return switch (scheme) {
            case TCP, TLS -> tcp;
            case UNIX -> unix;
            case UDP -> udp;
        };
    }

    /** Whether every address of 127.0.0.0/8 can be sent from, and a port chosen when the other side is known: on Linux. */
    boolean linux() {
        return this != NIO;
    }

    /** The address as its channels take it: the natives have a type of their own for paths. */
    SocketAddress address(SocketAddress address) {
        return this != NIO && address instanceof UnixDomainSocketAddress path
                ? new DomainSocketAddress(path.toString())
                : address;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}

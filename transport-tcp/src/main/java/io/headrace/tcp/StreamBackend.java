package io.headrace.tcp;

import io.headrace.Loops.Backend;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.kqueue.KQueueDomainSocketChannel;
import io.netty.channel.kqueue.KQueueServerDomainSocketChannel;
import io.netty.channel.kqueue.KQueueServerSocketChannel;
import io.netty.channel.kqueue.KQueueSocketChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/** The only class here that knows the backends apart: their channels, and what each can do beyond the others. */
final class StreamBackend {
    private static final int SOL_SOCKET = 1;
    private static final int SO_KEEPALIVE_NUMBER = 9; // Linux, on every architecture that Netty has natives for.
    private static final ChannelOption<Integer> LISTENER_KEEPALIVE =
            new IntegerUnixChannelOption("LISTENER_SO_KEEPALIVE", SOL_SOCKET, SO_KEEPALIVE_NUMBER);

    private StreamBackend() {}

    static Channel tcpServer(Backend backend) {
        return switch (backend) {
            case IO_URING -> new IoUringServerSocketChannel();
            case EPOLL -> new EpollServerSocketChannel();
            case KQUEUE -> new KQueueServerSocketChannel();
            case NIO -> new NioServerSocketChannel();
        };
    }

    static DuplexChannel tcp(Backend backend) {
        return switch (backend) {
            case IO_URING -> new IoUringSocketChannel();
            case EPOLL -> new EpollSocketChannel();
            case KQUEUE -> new KQueueSocketChannel();
            case NIO -> new NioSocketChannel();
        };
    }

    static Channel unixServer(Backend backend) {
        return switch (backend) {
            case IO_URING -> new IoUringServerDomainSocketChannel();
            case EPOLL -> new EpollServerDomainSocketChannel();
            case KQUEUE -> new KQueueServerDomainSocketChannel();
            case NIO -> new NioServerDomainSocketChannel();
        };
    }

    static DuplexChannel unix(Backend backend) {
        return switch (backend) {
            case IO_URING -> new IoUringDomainSocketChannel();
            case EPOLL -> new EpollDomainSocketChannel();
            case KQUEUE -> new KQueueDomainSocketChannel();
            case NIO -> new NioDomainSocketChannel();
        };
    }

    static SocketAddress unixAddress(Backend backend, Path path) {
        return backend == Backend.NIO ? UnixDomainSocketAddress.of(path) : new DomainSocketAddress(path.toString());
    }

    static void reusePort(Channel server) {
        if (server instanceof UnixChannel) {
            server.config().setOption(UnixChannelOption.SO_REUSEPORT, true);
        } else {
            server.config().setOption(NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT), true);
        }
    }

    /** Sets SO_KEEPALIVE on a listener where its accepted sockets inherit it. */
    static void keepAliveInherited(Channel server) {
        if (server instanceof EpollServerSocketChannel || server instanceof IoUringServerSocketChannel) {
            server.config().setOption(LISTENER_KEEPALIVE, 1);
        }
    }

    static boolean inheritsKeepAlive(DuplexChannel channel) {
        return channel.parent() instanceof EpollServerSocketChannel
                || channel.parent() instanceof IoUringServerSocketChannel;
    }

    /**
     * The descriptor of a channel that may be read and written outside its event loop's events, or null. Only epoll's is: io_uring's
     * accepted descriptors block, so a read with nothing there would stop the loop.
     */
    static Socket descriptor(Channel channel) {
        return channel instanceof EpollSocketChannel || channel instanceof EpollDomainSocketChannel
                ? (Socket) ((UnixChannel) channel).fd()
                : null;
    }

    /** The descriptor of a channel whose output may be shut down by one system call, or null. */
    static Socket shutdownDescriptor(Channel channel) {
        return channel instanceof UnixChannel unix && unix.fd() instanceof Socket socket ? socket : null;
    }
}

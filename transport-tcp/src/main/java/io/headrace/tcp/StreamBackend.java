package io.headrace.tcp;

import io.headrace.Loops;
import io.headrace.Loops.Backend;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.AbstractEpollServerChannel;
import io.netty.channel.epoll.EpollChannelConfig;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.kqueue.KQueueDomainSocketChannel;
import io.netty.channel.kqueue.KQueueServerDomainSocketChannel;
import io.netty.channel.kqueue.KQueueServerSocketChannel;
import io.netty.channel.kqueue.KQueueSocketChannel;
import io.netty.channel.nio.AbstractNioChannel;
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
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectableChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** The only class here that knows the backends apart: their channels, and what each can do beyond the others. */
final class StreamBackend {
    private static final int SOL_SOCKET = 1;
    private static final int SO_KEEPALIVE_NUMBER = 9; // Linux, on every architecture that Netty has natives for.
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_CORK = 3; // Linux.
    private static final ChannelOption<Integer> LISTENER_KEEPALIVE =
            new IntegerUnixChannelOption("LISTENER_SO_KEEPALIVE", SOL_SOCKET, SO_KEEPALIVE_NUMBER);

    private static final boolean LINUX = PlatformDependent.normalizedOs().equals("linux");

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

    /** Lets a stream take its receive buffers from those of its event loop, where these are shared. Before it is registered. */
    static void shareReceiveBuffers(DuplexChannel channel) {
        short group = Backend.IO_URING.receiveBuffers();
        if (group >= 0 && channel instanceof IoUringSocketChannel) {
            channel.config().setOption(IoUringChannelOption.IO_URING_BUFFER_GROUP_ID, group);
        }
    }

    /**
     * Whether a channel's request to receive stays armed. Such a channel would ask again and again behind the end of its input, unless it knows, and
     * tells its line itself then; and Linux may fail to tell it of a reset right behind its last bytes.
     */
    static boolean staysArmed(Channel channel) {
        return channel instanceof IoUringSocketChannel;
    }

    /** Who is at the other end, where it is a Unix socket and the backend tells. */
    static Optional<PeerCredentials> credentials(Channel channel) {
        try {
            io.netty.channel.unix.PeerCredentials found;
            if (channel instanceof EpollDomainSocketChannel epoll) {
                found = epoll.peerCredentials();
            } else if (channel instanceof IoUringDomainSocketChannel ring) {
                found = ring.peerCredentials();
            } else if (channel instanceof KQueueDomainSocketChannel kqueue) {
                found = kqueue.peerCredentials();
            } else {
                return Optional.empty();
            }
            int gid = found.gids().length == 0 ? -1 : found.gids()[0];
            return Optional.of(
                    new PeerCredentials(found.pid(), Integer.toUnsignedLong(found.uid()), Integer.toUnsignedLong(gid)));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    /** Where {@link #tcpGreeter} can be had: on epoll threads beside those of io_uring, on which each greeting would cost a channel. */
    static Loops greeters(Loops given) {
        boolean beside = given != null
                && given.backend() == Backend.IO_URING
                && Backend.IO_URING.available()
                && Backend.EPOLL.available();
        return beside ? given.beside(Backend.EPOLL) : given;
    }

    /**
     * A listening channel whose accepted sockets become no channels, or null where the backend cannot. They are corked from birth, which costs
     * no call: what is sent leaves with the FIN that follows, one segment instead of two.
     */
    static Channel tcpGreeter(Backend backend, TcpOptions options) throws IOException {
        if (backend != Backend.EPOLL) {
            return null; // NIO does not show its descriptors, and io_uring's accepted ones block.
        }
        Socket socket = Socket.newSocketStream();
        try {
            socket.setReuseAddress(options.reuseAddress());
            socket.setReusePort(options.reusePort());
            socket.setKeepAlive(options.keepAlive());
            socket.setIntOpt(IPPROTO_TCP, TCP_CORK, 1);
            if (options.receiveBufferBytes() > 0) {
                socket.setReceiveBufferSize(options.receiveBufferBytes());
            }
            return new EpollGreeter(socket, options.backlog());
        } catch (IOException | RuntimeException failure) {
            socket.close();
            throw failure;
        }
    }

    /** The channel of a socket that such a listener accepted. */
    static DuplexChannel tcp(int descriptor) {
        EpollSocketChannel channel = new EpollSocketChannel(descriptor);
        channel.config().setTcpCork(false);
        return channel;
    }

    /** The descriptor of a channel whose output may be shut down by one system call, or null. */
    static Socket shutdownDescriptor(Channel channel) {
        return channel instanceof UnixChannel unix && unix.fd() instanceof Socket socket ? socket : null;
    }

    /** The socket of a TCP channel, listening or connected, where it is one of Linux and the backend shows it; else null. */
    static Socket linuxSocket(Channel channel) {
        boolean linux = channel instanceof EpollSocketChannel
                || channel instanceof IoUringSocketChannel
                || channel instanceof EpollServerSocketChannel
                || channel instanceof EpollGreeter
                || channel instanceof IoUringServerSocketChannel;
        return linux ? (Socket) ((UnixChannel) channel).fd() : null;
    }

    /** The JDK's channel where that is all there is to ask, and a selector tells of errors that nobody asked for; else null. */
    static SelectableChannel selectable(Channel channel) {
        return LINUX && channel.unsafe() instanceof AbstractNioChannel.NioUnsafe unsafe ? unsafe.ch() : null;
    }

    /** Whether the peer of an accepted TCP channel is known to have reset it: its address was asked for after the accept, and there was none. */
    static boolean goneAlready(Channel channel) {
        return channel instanceof IoUringSocketChannel && channel.remoteAddress() == null;
    }

    /** The descriptor of a channel that no event loop has seen yet, if calls on it return at once; or null. */
    static Socket freeDescriptor(Channel channel) {
        boolean returnsAtOnce = channel instanceof EpollSocketChannel || channel instanceof EpollDomainSocketChannel;
        return returnsAtOnce ? shutdownDescriptor(channel) : null; // io_uring's accepted ones block.
    }

    /** What a listening channel of {@link #tcpGreeter} accepted last. Event loop only, once for each message of its pipeline. */
    static AcceptedSocket takeAccepted(Object greeter, Sockets<?> sockets) {
        EpollGreeter epoll = (EpollGreeter) greeter;
        return new AcceptedSocket(epoll.descriptor, epoll.rawAddress, sockets);
    }

    /**
     * A listening channel whose accepted sockets become no channels: Netty's channel costs four system calls, and most of the memory, of a
     * connection that is greeted and closed. It gives its pipeline itself, once for each accepted socket.
     */
    private static final class EpollGreeter extends AbstractEpollServerChannel {
        private final EpollChannelConfig config = new EpollChannelConfig(this) {};
        private final int backlog;
        private SocketAddress bound;
        private int descriptor;
        private byte[] rawAddress;

        EpollGreeter(Socket socket, int backlog) {
            super(socket.intValue());
            this.backlog = backlog;
        }

        @Override
        protected void doBind(SocketAddress address) throws Exception {
            super.doBind(address);
            Socket socket = (Socket) fd();
            socket.listen(backlog);
            bound = socket.localAddress();
            active = true;
        }

        @Override
        protected SocketAddress localAddress0() {
            return bound;
        }

        @Override
        protected Channel newChildChannel(int accepted, byte[] remote, int offset, int length) {
            descriptor = accepted;
            rawAddress = Arrays.copyOfRange(remote, offset, offset + length);
            return this;
        }

        @Override
        public EpollChannelConfig config() {
            return config;
        }
    }
}

package io.headrace.udp;

import io.headrace.Loops;
import io.headrace.Loops.Backend;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.kqueue.KQueueDatagramChannel;
import io.netty.channel.kqueue.KQueueDomainDatagramChannel;
import io.netty.channel.nio.AbstractNioChannel.NioUnsafe;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.unix.DomainDatagramChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/** The only class here that knows the backends apart: their channels, and what each can do beyond the others. */
final class UdpBackend {
    /** Datagrams per system call, where the backend takes several. */
    private static final int BATCH = 64;
    /** Large datagrams come in smaller batches than that, but in batches: only those also carry empty datagrams on every socket. */
    private static final int MAX_BATCH_BYTES = 256 * 1_024;

    /** Linux spreads the datagrams for one port over its sockets, each peer's to one of them. */
    static final boolean ON_LINUX = PlatformDependent.normalizedOs().equals("linux");

    // By the numbers that Linux gives them.
    private static final IntegerUnixChannelOption IP_TTL = new IntegerUnixChannelOption("IP_TTL", 0, 2);
    private static final IntegerUnixChannelOption IP_MULTICAST_TTL =
            new IntegerUnixChannelOption("IP_MULTICAST_TTL", 0, 33);
    private static final IntegerUnixChannelOption IPV6_UNICAST_HOPS =
            new IntegerUnixChannelOption("IPV6_UNICAST_HOPS", 41, 16);
    private static final IntegerUnixChannelOption IPV6_MULTICAST_HOPS =
            new IntegerUnixChannelOption("IPV6_MULTICAST_HOPS", 41, 18);

    /** As much as Linux glues together. */
    private static final int GLUED_BYTES = 65_536;

    private UdpBackend() {}

    /** A socket of the address's own family: a dual-stack socket would convert every address of every datagram. */
    static DatagramChannel channel(Backend backend, InetAddress address) throws IOException {
        SocketProtocolFamily family =
                address instanceof Inet4Address ? SocketProtocolFamily.INET : SocketProtocolFamily.INET6;
        return switch (backend) {
            case EPOLL -> new EpollDatagramChannel(family);
            case KQUEUE -> new KQueueDatagramChannel(family);
            case NIO -> new NioDatagramChannel(family);
            case IO_URING -> throw onlyEpoll();
        };
    }

    /**
     * A Unix socket for datagrams.
     *
     * @throws IOException where Netty has none
     */
    static Channel unixChannel(Backend backend) throws IOException {
        return switch (backend) {
            case EPOLL -> new EpollDomainDatagramChannel();
            case KQUEUE -> new KQueueDomainDatagramChannel();
            case NIO -> throw new IOException("Unix datagrams: nio (expected: loops on epoll or kqueue)");
            case IO_URING -> throw onlyEpoll();
        };
    }

    /**
     * Where datagram sockets run. Netty receives and sends one datagram per request on io_uring, which costs 1.5 to 1.7 of the processor, and has
     * no Unix datagrams there: so they have epoll threads beside those of io_uring.
     */
    static Loops loops(Loops given) {
        boolean beside = given.backend() == Backend.IO_URING && Backend.EPOLL.available();
        return beside ? given.beside(Backend.EPOLL) : given;
    }

    private static IOException onlyEpoll() {
        return new IOException("datagrams: io_uring (expected: a machine and a class path that have epoll too)");
    }

    static SocketAddress unixAddress(Path path) {
        return new DomainSocketAddress(path.toFile());
    }

    /**
     * Has the path of an unbound Unix socket be born with no more than this mode: the system takes it from the descriptor, less the umask.
     */
    static void bornWith(Channel channel, Set<PosixFilePermission> mode) throws IOException {
        if (channel instanceof UnixChannel unix) {
            Path descriptor = Path.of("/proc/self/fd/" + unix.fd().intValue());
            if (Files.exists(descriptor)) {
                Files.setPosixFilePermissions(descriptor, mode);
            }
        }
    }

    /** Whether this is the address of a Unix socket that has none. */
    static boolean unnamed(SocketAddress address) {
        return address instanceof DomainSocketAddress unix && unix.path().isEmpty();
    }

    /**
     * Sets the channel's receive buffers, one byte longer than the longest datagram: the system cuts what is longer without a word.
     *
     * @param offload whether the system may deliver several datagrams glued together, up to 64 KiB
     * @throws IOException where it cannot
     */
    static void receiveUpTo(Channel channel, int maxDatagramBytes, boolean offload) throws IOException {
        int bytes = offload ? GLUED_BYTES : maxDatagramBytes + 1;
        if (channel instanceof EpollDatagramChannel) {
            // Netty's batches do not ask how long the glued ones are, and leak one that comes alone (4.2.18).
            int batch = offload ? 1 : Math.max(2, Math.min(BATCH, MAX_BATCH_BYTES / bytes));
            channel.config().setOption(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, bytes);
            BatchAllocator buffers = new BatchAllocator(batch, bytes);
            channel.config().setRecvByteBufAllocator(buffers);
            channel.closeFuture().addListener(closed -> buffers.close());
            if (offload) {
                channel.config().setOption(EpollChannelOption.UDP_GRO, true);
            }
        } else if (offload) {
            throw new IOException("receiveOffload: only loops on epoll have it");
        } else {
            channel.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(bytes));
        }
    }

    /**
     * How many routers a datagram to one peer may pass. On a socket of IPv6 both families have their own.
     *
     * @throws IOException on NIO: the JDK has no such option
     */
    static void timeToLive(Channel channel, InetAddress local, int hops) throws IOException {
        if (!(channel instanceof UnixChannel) || !ON_LINUX) {
            throw new IOException("timeToLive: only loops on epoll have it");
        }
        channel.config().setOption(IP_TTL, hops);
        if (local instanceof Inet6Address) {
            channel.config().setOption(IPV6_UNICAST_HOPS, hops);
        }
    }

    /** How many routers a multicast datagram may pass. Netty's own option sets the time to live of all others (4.2.18). */
    static void multicastTimeToLive(Channel channel, InetAddress local, int hops) {
        if (!(channel instanceof UnixChannel) || !ON_LINUX) {
            channel.config().setOption(ChannelOption.IP_MULTICAST_TTL, hops);
            return;
        }
        channel.config().setOption(IP_MULTICAST_TTL, hops);
        if (local instanceof Inet6Address) {
            channel.config().setOption(IPV6_MULTICAST_HOPS, hops);
        }
    }

    /** Whether the system takes runs of equal datagrams apart that are sent through this channel (UDP_SEGMENT). */
    static boolean takesSegments(Channel channel) {
        return channel instanceof EpollDatagramChannel && EpollDatagramChannel.isSegmentedDatagramPacketSupported();
    }

    /** One datagram on its way out. */
    static AddressedEnvelope<?, ?> datagram(ByteBuf bytes, InetSocketAddress recipient) {
        return new DatagramPacket(bytes, recipient);
    }

    /** What {@link #takesSegments} takes: datagrams of this many bytes each, in one piece. */
    static AddressedEnvelope<?, ?> segmented(ByteBuf bytes, int segmentBytes, SocketAddress recipient) {
        return new SegmentedDatagramPacket(bytes, segmentBytes, (InetSocketAddress) recipient);
    }

    /** How long each datagram is that this becomes. */
    static int segmentBytes(AddressedEnvelope<?, ?> datagram) {
        return datagram instanceof SegmentedDatagramPacket segmented ? segmented.segmentSize() : Segments.WHOLE;
    }

    /** Lets other sockets of this process's user have the same port. Before it is bound. */
    static void sharePort(Channel channel) {
        if (channel instanceof UnixChannel) {
            channel.config().setOption(UnixChannelOption.SO_REUSEPORT, true);
        } else {
            channel.config().setOption(NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT), true);
        }
    }

    /**
     * Has each datagram say which address of ours it came to.
     *
     * @param local what it will be bound to
     * @throws IOException where Netty does not ask, or does not read the answer: on Linux it knows that of IPv4 only (4.2.18)
     */
    static void localAddresses(Channel channel, InetAddress local) throws IOException {
        if (!(channel instanceof EpollDatagramChannel)) {
            throw new IOException("localAddresses: only loops on epoll have it");
        }
        if (local instanceof Inet6Address && local.isAnyLocalAddress()) {
            throw new IOException("localAddresses: an endpoint at :: (expected: at 0.0.0.0, or at one IPv6 address)");
        }
        channel.config().setOption(EpollChannelOption.IP_RECVORIGDSTADDR, true);
    }

    /**
     * Whether the channel's queue may hold what the system has no room for, because it is told when there is room again. A Unix socket without
     * one peer is not: there each recipient has its own room, and one who does not read would hold up all the others.
     */
    static boolean queues(Channel channel, boolean connected) {
        return connected || !(channel instanceof DomainDatagramChannel);
    }

    /**
     * Sends one datagram around the channel's queue: an empty one, which Netty's queues lose, and on epoll its neighbours leave twice; or what
     * cannot wait. Event loop only. Leaves {@code bytes} to the caller.
     *
     * @param recipient null on a connected socket
     * @return false when the system has no room for it now; of an empty one that is not known
     * @throws IOException also where the JDK cannot: a connected socket on NIO
     */
    static boolean send(Channel channel, ByteBuf bytes, SocketAddress recipient) throws IOException {
        int taken;
        if (channel instanceof UnixChannel unix) {
            taken = send((Socket) unix.fd(), bytes, recipient, channel.alloc());
        } else if (recipient == null) {
            throw new IOException("a connected NIO socket cannot send an empty datagram");
        } else {
            NioUnsafe unsafe = (NioUnsafe) channel.unsafe();
            taken = ((java.nio.channels.DatagramChannel) unsafe.ch()).send(bytes.nioBuffer(), recipient);
        }
        return taken > 0 || !bytes.isReadable();
    }

    private static int send(Socket socket, ByteBuf bytes, SocketAddress recipient, ByteBufAllocator allocator)
            throws IOException {
        ByteBuf direct = inDirectMemory(bytes, allocator);
        try {
            ByteBuffer memory = direct.nioBuffer();
            int from = memory.position();
            int to = memory.limit();
            if (recipient instanceof InetSocketAddress inet) {
                return socket.sendTo(memory, from, to, inet.getAddress(), inet.getPort());
            }
            if (recipient instanceof DomainSocketAddress unix) {
                return socket.sendToDomainSocket(memory, from, to, unix.path().getBytes(StandardCharsets.UTF_8));
            }
            return socket.send(memory, from, to);
        } finally {
            direct.release();
        }
    }

    private static ByteBuf inDirectMemory(ByteBuf bytes, ByteBufAllocator allocator) {
        if (!bytes.isReadable()) {
            return Unpooled.EMPTY_BUFFER;
        }
        if (bytes.isDirect() && bytes.nioBufferCount() == 1) {
            return bytes.retain();
        }
        int length = bytes.readableBytes();
        return allocator.directBuffer(length, length).writeBytes(bytes, bytes.readerIndex(), length);
    }
}

package io.headrace.bench;

import io.headrace.bench.load.Scheme;
import io.headrace.bench.netty.RawBackend;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableChannel;
import reactor.netty.ReactorNetty;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.TcpServer;
import reactor.netty.udp.UdpServer;

/**
 * Reactor Netty, as its reference guide has it: what {@code handle} gives back is what the server does. Without a transport by name it
 * chooses one itself, natives first and io_uring before epoll. One datagram socket is on one loop. A greeting is closed when it is sent: unread
 * input turns that into a reset.
 */
final class ReactorBaseline implements Baseline {
    private static final int BACKLOG = 4_096;
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration QUIET = Duration.ofMillis(1);

    private final LoopResources resources;
    private final RawBackend backend; // Null: its own choice.
    private final EventLoopGroup group; // Null, too.
    private final List<DisposableChannel> servers = new ArrayList<>();

    ReactorBaseline(Serving.Choices choices) {
        resources = LoopResources.create(Serving.LOOP_NAME, choices.loops(), true);
        backend = choices.backend() == null
                ? null
                : RawBackend.valueOf(choices.backend().name());
        group = backend == null
                ? null
                : new MultiThreadIoEventLoopGroup(
                        choices.loops(), new DefaultThreadFactory(Serving.LOOP_NAME, true), backend.handlers());
    }

    @Override
    public SocketAddress listen(Target.Service service, SocketAddress address, Scheme scheme) {
        DisposableChannel server = switch (scheme) {
            case TCP, UNIX -> streams(service, address);
            case UDP -> datagrams(service, address);
            case TLS -> throw new UnsupportedOperationException(NO_TLS);
            case UNIXGRAM -> throw new UnsupportedOperationException(version() + " has no Unix datagrams");
        };
        servers.add(server);
        return server.channel().localAddress();
    }

    private DisposableChannel streams(Target.Service service, SocketAddress address) {
        TcpServer server = TcpServer.create()
                .bindAddress(() -> asItsChannelsTakeIt(address))
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .handle((in, out) -> switch (service) {
                    case GREET -> out.sendByteArray(Mono.just(RawNetty.GREETING));
                    case ECHO -> out.send(in.receive().retain());
                    case DISCARD -> in.receive().then();
                });
        return (group == null ? server.runOn(resources) : server.runOn(group)).bindNow();
    }

    /** All natives take paths alike. */
    private SocketAddress asItsChannelsTakeIt(SocketAddress address) {
        boolean natives = backend == null ? LoopResources.hasNativeSupport() : backend != RawBackend.NIO;
        return (natives ? RawBackend.EPOLL : RawBackend.NIO).address(address);
    }

    private DisposableChannel datagrams(Target.Service service, SocketAddress address) {
        UdpServer server = UdpServer.create()
                .bindAddress(() -> address)
                .handle((in, out) -> service == Target.Service.DISCARD
                        ? in.receiveObject().then()
                        : out.sendObject(
                                in.receiveObject().cast(DatagramPacket.class).map(ReactorBaseline::back)));
        return (group == null ? server.runOn(resources) : server.runOn(group)).bindNow();
    }

    private static DatagramPacket back(DatagramPacket datagram) {
        return new DatagramPacket(datagram.content().retain(), datagram.sender());
    }

    @Override
    public String version() {
        return "Reactor Netty " + Versions.of(ReactorNetty.class, "io.projectreactor.netty/reactor-netty-core") + ", "
                + NettyBaseline.nettyVersion();
    }

    @Override
    public String transport() {
        return RawBackend.of(servers.get(0).channel()).toString();
    }

    @Override
    public void close() {
        servers.forEach(DisposableChannel::disposeNow);
        resources.disposeLater(QUIET, PATIENCE).block();
        if (group != null) {
            group.shutdownGracefully(QUIET.toMillis(), PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                    .awaitUninterruptibly(PATIENCE.toMillis());
        }
    }
}

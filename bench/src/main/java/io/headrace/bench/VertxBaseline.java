package io.headrace.bench;

import io.headrace.bench.load.Scheme;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.datagram.DatagramSocket;
import io.vertx.core.datagram.DatagramSocketOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.TcpServerConfig;
import io.vertx.core.transport.Transport;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Vert.x, as its manual has it: a verticle with a server for each event loop, on the native transport. One datagram socket is on one loop, and
 * one thread more than loops accepts. A greeting ends the socket when it is written: unread input turns that into a reset.
 */
final class VertxBaseline implements Baseline {
    private static final int BACKLOG = 4_096;
    private static final int PATIENCE_S = 10;

    private final Transport transport;
    private final int loops;
    private final Vertx vertx;
    private int anyPort;

    VertxBaseline(Serving.Choices choices) {
        transport = choices.backend() == null ? best() : named(choices.backend().toString());
        loops = choices.loops();
        vertx = Vertx.builder()
                .with(new VertxOptions().setEventLoopPoolSize(loops))
                .withTransport(transport)
                .build();
    }

    private static Transport best() {
        Transport natives = Transport.nativeTransport();
        return natives == null || !natives.available() ? Transport.NIO : natives;
    }

    private static Transport named(String name) {
        return switch (name) {
            case "epoll" -> Transport.EPOLL;
            case "kqueue" -> Transport.KQUEUE;
            case "io_uring" -> Transport.IO_URING;
            default -> Transport.NIO;
        };
    }

    @Override
    public SocketAddress listen(Target.Service service, SocketAddress address, Scheme scheme) throws Exception {
        return switch (scheme) {
            case TCP -> {
                InetSocketAddress wanted = (InetSocketAddress) address;
                // Less than 0 is any port, the same for all that ask for the same number: the instances of one target.
                TcpServerConfig config = new TcpServerConfig()
                        .setHost(wanted.getAddress().getHostAddress())
                        .setPort(wanted.getPort() == 0 ? --anyPort : wanted.getPort());
                NetServer server = streams(service, config, NetServer::listen);
                yield new InetSocketAddress(wanted.getAddress(), server.actualPort());
            }
            case UNIX -> {
                var path = io.vertx.core.net.SocketAddress.domainSocketAddress(address.toString());
                streams(service, new TcpServerConfig(), server -> server.listen(path));
                yield address;
            }
            case UDP -> datagrams(service, (InetSocketAddress) address);
            case TLS -> throw new UnsupportedOperationException(NO_TLS);
            case UNIXGRAM -> throw new UnsupportedOperationException(version() + " has no Unix datagrams");
        };
    }

    private NetServer streams(
            Target.Service service, TcpServerConfig config, Function<NetServer, Future<NetServer>> listen)
            throws Exception {
        AtomicReference<NetServer> one = new AtomicReference<>();
        Supplier<Deployable> verticle = () -> new VerticleBase() {
            @Override
            public Future<?> start() {
                NetServer server = vertx.createNetServer(config.setAcceptBacklog(BACKLOG));
                server.connectHandler(socket -> serve(service, socket));
                one.set(server);
                return listen.apply(server);
            }
        };
        await(vertx.deployVerticle(verticle, new DeploymentOptions().setInstances(loops)));
        return one.get();
    }

    private static void serve(Target.Service service, NetSocket socket) {
        switch (service) {
            case GREET -> socket.end(Buffer.buffer(RawNetty.GREETING));
            case ECHO -> socket.handler(socket::write);
            case DISCARD -> socket.handler(bytes -> {});
        }
    }

    private SocketAddress datagrams(Target.Service service, InetSocketAddress address) throws Exception {
        DatagramSocket socket = vertx.createDatagramSocket(new DatagramSocketOptions());
        socket.handler(datagram -> {
            if (service == Target.Service.ECHO) {
                socket.send(
                        datagram.data(),
                        datagram.sender().port(),
                        datagram.sender().host());
            }
        });
        await(socket.listen(address.getPort(), address.getAddress().getHostAddress()));
        return new InetSocketAddress(address.getAddress(), socket.localAddress().port());
    }

    private static void await(Future<?> future) throws Exception {
        future.toCompletionStage().toCompletableFuture().get(PATIENCE_S, TimeUnit.SECONDS);
    }

    @Override
    public String version() {
        return "Vert.x " + Versions.of(Vertx.class, "io.vertx/vertx-core") + ", " + NettyBaseline.nettyVersion();
    }

    @Override
    public String transport() {
        return vertx.isNativeTransportEnabled() ? transport.name().toLowerCase(Locale.ROOT) : "nio";
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}

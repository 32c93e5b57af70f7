package io.headrace.tcp;

import io.headrace.Codec;
import io.headrace.Loops.Backend;
import io.headrace.Plan;
import io.headrace.contract.ContractTest;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** What carries a stream in a test: a family of sockets, on one backend. */
record Medium(Family family, Backend backend) {
    /** For tests that need no socket. */
    static final Medium IN_MEMORY = new Medium(Family.IN_MEMORY, Backend.NIO);

    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final Path PATHS = temporaryFolder();

    enum Family {
        IN_MEMORY,
        TCP,
        UNIX
    }

    /** In-memory once, because no backend has a part in it; TCP and Unix on every backend that this machine has. */
    static Stream<Medium> all() {
        return Stream.concat(
                Stream.of(IN_MEMORY),
                Stream.of(Family.TCP, Family.UNIX)
                        .flatMap(family -> ContractTest.backends().map(backend -> new Medium(family, backend))));
    }

    private static Path temporaryFolder() {
        try {
            Path folder = Files.createTempDirectory("headrace");
            folder.toFile().deleteOnExit();
            return folder;
        } catch (IOException cannotCreate) {
            throw new IllegalStateException(cannotCreate);
        }
    }

    /** Sockets that listen on a free address. */
    Sockets<?> listening() {
        return switch (family) {
            case IN_MEMORY -> new InMemorySockets("name-" + NAMES.incrementAndGet(), InMemoryOptions.DEFAULTS);
            case TCP -> listeningOn(new InetSocketAddress("127.0.0.1", 0));
            case UNIX -> new UnixSockets(PATHS.resolve("socket-" + NAMES.incrementAndGet()), UnixOptions.DEFAULTS);
        };
    }

    /** Sockets that listen just there. */
    Sockets<?> listeningOn(SocketAddress address) {
        return sockets(address, true);
    }

    /** Sockets that connect to a server. */
    Sockets<?> connectingTo(SocketAddress server) {
        return sockets(server, false);
    }

    private Sockets<?> sockets(SocketAddress address, boolean listening) {
        return switch (family) {
            case IN_MEMORY ->
                new InMemorySockets(address.toString().substring("local:".length()), InMemoryOptions.DEFAULTS);
            case TCP -> {
                InetSocketAddress inet = (InetSocketAddress) address;
                TcpAddress host = new TcpAddress(inet.getAddress().getHostAddress(), inet.getPort());
                yield new TcpSockets(List.of(host), listening, TcpOptions.DEFAULTS);
            }
            case UNIX -> new UnixSockets(path(address), UnixOptions.DEFAULTS);
        };
    }

    static StreamSetup<?, ByteBuf, Object> setup(Sockets<?> sockets) {
        return new StreamSetup<>(plan(sockets), sockets);
    }

    static ClientSetup<?, ByteBuf, Object> client(Sockets<?> sockets) {
        return new ClientSetup<>(plan(sockets).named("client"), sockets);
    }

    static Plan<DuplexChannel, ByteBuf, Object> plan(Sockets<?> sockets) {
        return Plan.of(new StreamTransport(sockets), "contract", Codec.raw());
    }

    StreamPeer dial(SocketAddress server) throws IOException {
        return dial(server, false);
    }

    /** A peer with the smallest buffers there are. */
    StreamPeer dialSmall(SocketAddress server) throws IOException {
        return dial(server, true);
    }

    private StreamPeer dial(SocketAddress server, boolean small) throws IOException {
        return switch (family) {
            case IN_MEMORY -> InMemoryPeer.connect(server, small);
            case TCP -> SocketPeer.connect(server, small, null);
            case UNIX -> SocketPeer.connect(UnixDomainSocketAddress.of(path(server)), small, unnamed());
        };
    }

    static Path path(SocketAddress address) {
        return address instanceof UnixDomainSocketAddress unix
                ? unix.getPath()
                : Path.of(((DomainSocketAddress) address).path());
    }

    /** Who did not bind has no name. */
    private SocketAddress unnamed() {
        return backend == Backend.NIO ? UnixDomainSocketAddress.of("") : new DomainSocketAddress("");
    }

    /** Whether a peer can reset without anything unread: Unix sockets cannot. */
    boolean resets() {
        return family != Family.UNIX;
    }

    @Override
    public String toString() {
        return family == Family.IN_MEMORY ? "in-memory" : family.name().toLowerCase(Locale.ROOT) + " on " + backend;
    }
}

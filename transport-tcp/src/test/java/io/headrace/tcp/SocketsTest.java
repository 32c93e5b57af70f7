package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headrace.CannotStartException;
import io.headrace.ChannelStage;
import io.headrace.Loops.Backend;
import io.headrace.Problems;
import io.headrace.Server;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.Text;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What each family of sockets has of its own. */
class SocketsTest extends StreamTest {

    private void only(Medium.Family family) {
        Assumptions.assumeTrue(medium.family() == family);
    }

    private Server startTcp(StreamSetup<TcpOptions, ?, ?> setup) {
        return start(setup.named("contract").loops(loops).consume(message -> {}));
    }

    // ---- TCP

    /** Reads options of accepted channels. */
    private record Options(CompletableFuture<List<Boolean>> seen) implements ChannelStage<DuplexChannel> {
        @Override
        public Slot slot() {
            return Slot.ADMISSION;
        }

        @Override
        public PerLoop<DuplexChannel> open(Site site) {
            return loop -> (channel, line) -> seen.complete(List.of(
                    channel.config().getOption(ChannelOption.TCP_NODELAY),
                    channel.config().getOption(ChannelOption.SO_KEEPALIVE)));
        }
    }

    @Test
    void acceptedSocketsDoNotDelayAndAreKeptAlive() throws Exception {
        only(Medium.Family.TCP);
        Options options = new Options(new CompletableFuture<>());
        Server server = startTcp(Tcp.listen(0).with(options));
        dial(server);
        assertThat(get(options.seen)).containsExactly(true, true);

        Options others = new Options(new CompletableFuture<>());
        Server otherwise = startTcp(
                Tcp.listen(0).options(o -> o.noDelay(false).keepAlive(false)).with(others));
        dial(otherwise);
        assertThat(get(others.seen)).containsExactly(false, false);
    }

    @Test
    void oneEndpointListensOnSeveralAddresses() throws Exception {
        only(Medium.Family.TCP);
        Server server = start(Tcp.listen(new InetSocketAddress("127.0.0.1", 0), new InetSocketAddress("127.0.0.2", 0))
                .loops(loops)
                .reply(bytes -> bytes));

        assertThat(server.addresses()).hasSize(2);
        for (SocketAddress address : server.addresses()) {
            StreamPeer peer = closing(medium.dial(address));
            peer.send("hello");
            assertThat(peer.receive(5)).hasSize(5);
        }
    }

    @Test
    void oneAddressThatIsTakenKeepsNone() throws Exception {
        only(Medium.Family.TCP);
        Server first = startTcp(Tcp.listen(0));
        int taken = first.port();
        List<String> before = descriptors();

        assertThatThrownBy(() -> startTcp(
                        Tcp.listen(new InetSocketAddress("127.0.0.2", 0), new InetSocketAddress("127.0.0.1", taken))))
                .isInstanceOf(CannotStartException.class)
                .hasMessage("cannot start tcp endpoint 'contract' on 127.0.0.2:0, 127.0.0.1:" + taken + ": 127.0.0.1:"
                        + taken + ": Address already in use");
        await().untilAsserted(() -> assertThat(descriptors()).isSubsetOf(before));
    }

    @Test
    void aPortIsFreeAgainAtOnce() throws Exception {
        only(Medium.Family.TCP);
        Server first = start(lines().reply(message -> message));
        int port = first.port();
        StreamPeer peer = dial(first);
        peer.say("hello");
        peer.hear();
        CompletableFuture<?> stopped = first.stop(PATIENCE); // The server closes first, so it keeps the TIME_WAIT.
        peer.hear();
        peer.close();
        get(stopped);

        Server second = start(Tcp.listen(port).loops(loops).reply(bytes -> bytes));
        assertThat(second.port()).isEqualTo(port);
    }

    // ---- Unix

    @Test
    void aPathHasNoPort() {
        only(Medium.Family.UNIX);
        Server server = start(lines().reply(message -> message));
        assertThatThrownBy(server::port)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("address: " + Text.of(server.address()) + " (expected: one with a port)");
    }

    @Test
    void thePathGoesWithItsServer() throws Exception {
        only(Medium.Family.UNIX);
        Server server = start(lines().reply(message -> message));
        Path path = Medium.path(server.address());
        assertThat(path).exists();
        get(server.stop(PATIENCE));
        assertThat(path).doesNotExist();
    }

    @Test
    void aPathThatIsTakenIsLeftAlone() throws Exception {
        only(Medium.Family.UNIX);
        Path path = Files.createTempFile("headrace", ".txt");
        try {
            Files.writeString(path, "precious");
            assertThatThrownBy(() -> start(Unix.listen(path).loops(loops).reply(bytes -> bytes)))
                    .isInstanceOf(CannotStartException.class)
                    .hasMessageEndingWith(": Address already in use: not by a socket, so it is left alone");
            assertThat(path).hasContent("precious");
        } finally {
            Files.delete(path);
        }
    }

    @Test
    void aFolderThatIsMissingIsSaidInWords() {
        only(Medium.Family.UNIX);
        assertThatThrownBy(() -> start(Unix.listen(Path.of("/no/such/folder/socket"))
                        .loops(loops)
                        .reply(bytes -> bytes)))
                .isInstanceOf(CannotStartException.class)
                .hasMessageEndingWith(": there is no folder /no/such/folder");
    }

    // ---- all

    /** Sockets that cannot be prepared. */
    private record Unprepared<S>(Sockets<S> sockets) implements Sockets<S> {
        @Override
        public S options() {
            return sockets.options();
        }

        @Override
        public Sockets<S> options(S options) {
            return new Unprepared<>(sockets.options(options));
        }

        @Override
        public String transport() {
            return sockets.transport();
        }

        @Override
        public String address() {
            return sockets.address();
        }

        @Override
        public void check(Problems problems) {}

        @Override
        public List<SocketAddress> resolve(Backend backend) throws Exception {
            return sockets.resolve(backend);
        }

        @Override
        public Channel server(Backend backend) throws Exception {
            return sockets.server(backend);
        }

        @Override
        public DuplexChannel client(Backend backend) {
            return sockets.client(backend);
        }

        @Override
        public void prepareServer(Channel server) {
            throw new ChannelException("Protocol not available");
        }

        @Override
        public void prepare(DuplexChannel channel) {}

        @Override
        public Duration connectTimeout() {
            return sockets.connectTimeout();
        }
    }

    @Test
    void aListenerThatCannotBePreparedIsClosed() {
        Sockets<?> unprepared = new Unprepared<>(medium.listening());
        assertThatThrownBy(() -> start(Medium.setup(unprepared).loops(loops).reply(bytes -> bytes)))
                .isInstanceOf(CannotStartException.class)
                .hasMessageEndingWith(": Protocol not available");
    }
}

package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.CannotStartException;
import io.headrace.ChannelStage;
import io.headrace.Loops.Backend;
import io.headrace.Server;
import io.headrace.Site;
import io.headrace.Slot;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import java.net.InetSocketAddress;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** How many routers a datagram may pass, as it arrives. */
class HopsTest {
    private static final String GROUP = "239.77.1.44";

    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();

    /** Hears what is sent to it, and to a group over the loopback interface, and says what it was and its hops. */
    private static final String HEAR = """
            import socket, struct, sys
            own, group = sys.argv[1:]
            if ':' in own:
                s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
                s.bind((own, 0))
                s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
            else:
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                s.bind(('0.0.0.0', 0))
                s.setsockopt(socket.IPPROTO_IP, 12, 1) # IP_RECVTTL
                s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                        socket.inet_aton(group) + socket.inet_aton('127.0.0.1'))
            s.settimeout(10)
            print(s.getsockname()[1], flush=True)
            while True:
                data, ancillary, flags, sender = s.recvmsg(100, 100)
                print(data.decode(), struct.unpack('i', ancillary[0][2])[0], flush=True)
            """;

    /** With how many hops a datagram {@code to} one of its addresses arrives, from an endpoint at {@code host}. */
    private static String arrives(
            Backend backend, String host, String peer, String to, UnaryOperator<UdpOptions> options) throws Exception {
        try (Script ear = Script.python(HEAR, peer, GROUP)) {
            InetSocketAddress target = new InetSocketAddress(to, Integer.parseInt(ear.says()));
            try (Server server = Udp.listen(host, 0)
                            .loops(On.loops(backend))
                            .options(options)
                            .handle((asked, exchange) -> {
                                DatagramPeer.of(exchange.peer()).to(target).send("hops:");
                                exchange.consume();
                            })
                            .start();
                    Caller caller = Caller.at(peer)) {
                caller.to(new InetSocketAddress(peer, server.port())).send("go");
                return ear.says();
            }
        }
    }

    @OnEachBackend
    void aGroupsAreNotAPeers(Backend backend) throws Exception {
        UnaryOperator<UdpOptions> options = o -> o.multicastTimeToLive(9).multicastInterface("lo");
        assertThat(arrives(backend, "0.0.0.0", "127.0.0.1", GROUP, options)).isEqualTo("hops: 9");
        assertThat(arrives(backend, "0.0.0.0", "127.0.0.1", "127.0.0.1", options))
                .startsWith("hops: ")
                .isNotEqualTo("hops: 9");
        assertThat(arrives(backend, "::", "::1", "::1", options))
                .startsWith("hops: ")
                .isNotEqualTo("hops: 9");
    }

    @OnEachBackend
    void aPeersAreNotAGroups(Backend backend) throws Exception {
        UnaryOperator<UdpOptions> options = o -> o.timeToLive(3).multicastInterface("lo");
        if (backend == Backend.NIO) {
            assertThatThrownBy(() -> arrives(backend, "0.0.0.0", "127.0.0.1", GROUP, options))
                    .isInstanceOf(CannotStartException.class)
                    .hasMessageContaining("timeToLive: only loops on epoll have it");
            return;
        }
        assertThat(arrives(backend, "0.0.0.0", "127.0.0.1", "127.0.0.1", options))
                .isEqualTo("hops: 3");
        assertThat(arrives(backend, "0.0.0.0", "127.0.0.1", GROUP, options)).isEqualTo("hops: 1");
        assertThat(arrives(backend, "::", "::1", "::1", options)).isEqualTo("hops: 3");
        assertThat(arrives(backend, "::", "127.0.0.1", "127.0.0.1", options)).isEqualTo("hops: 3");
    }

    /** Few machines have a way for such a group over the loopback interface, so this asks the system what it was told. */
    @Test
    void aSocketOfBothFamiliesHasBothOfThemForGroups() throws Exception {
        try (Server server = Udp.listen("::", 0)
                .loops(On.loops(Backend.EPOLL))
                .with(look())
                .options(o -> o.timeToLive(3).multicastTimeToLive(9))
                .reply(bytes -> bytes)
                .start()) {
            Socket socket = sockets.remove();
            assertThat(socket.getIntOpt(0, 33)).isEqualTo(9); // IPPROTO_IP, IP_MULTICAST_TTL
            assertThat(socket.getIntOpt(41, 18)).isEqualTo(9); // IPPROTO_IPV6, IPV6_MULTICAST_HOPS
            assertThat(socket.getIntOpt(41, 16)).isEqualTo(3); // IPV6_UNICAST_HOPS
            assertThat(server.port()).isPositive();
        }
    }

    private ChannelStage<DatagramChannel> look() {
        return new ChannelStage<>() {
            @Override
            public Slot slot() {
                return Slot.ADMISSION;
            }

            @Override
            public PerLoop<DatagramChannel> open(Site site) {
                return loop -> (channel, line) -> sockets.add((Socket) ((UnixChannel) channel).fd());
            }
        };
    }
}

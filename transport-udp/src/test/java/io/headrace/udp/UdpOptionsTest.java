package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.headrace.CannotStartException;
import io.headrace.ChannelStage;
import io.headrace.Client;
import io.headrace.Codec;
import io.headrace.Endpoint;
import io.headrace.Loops.Backend;
import io.headrace.Server;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.Text;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** How sockets are set. */
class UdpOptionsTest {
    private static final String GROUP = "239.77.1.2";

    private final Queue<DatagramChannel> channels = new ConcurrentLinkedQueue<>();
    private final Queue<String> heard = new ConcurrentLinkedQueue<>();

    /** Lets the test look at what was set. */
    private ChannelStage<DatagramChannel> look() {
        return new ChannelStage<>() {
            @Override
            public Slot slot() {
                return Slot.ADMISSION;
            }

            @Override
            public PerLoop<DatagramChannel> open(Site site) {
                return loop -> (channel, line) -> channels.add(channel);
            }
        };
    }

    @OnEachBackend
    void theSocketIsSetAsAsked(Backend backend) {
        try (Server server = Udp.listen(0)
                .loops(On.loops(backend))
                .with(look())
                .options(o -> o.broadcast().reuseAddress().trafficClass(0x20))
                .reply(bytes -> bytes)
                .start()) {
            var config = channels.remove().config();
            assertThat(config.getOption(ChannelOption.SO_BROADCAST)).isTrue();
            assertThat(config.getOption(ChannelOption.SO_REUSEADDR)).isTrue();
            assertThat(config.getOption(ChannelOption.IP_TOS)).isEqualTo(0x20);
            assertThat(server.port()).isPositive();
        }
    }

    @Test
    void theTrafficClassIsTheSockets() throws Exception {
        try (Server server = Udp.listen(0)
                .loops(On.loops(Backend.EPOLL))
                .with(look())
                .options(o -> o.trafficClass(0x28))
                .reply(bytes -> bytes)
                .start()) {
            Socket socket = (Socket) ((UnixChannel) channels.remove()).fd();
            assertThat(socket.getIntOpt(0, 1)).isEqualTo(0x28); // IPPROTO_IP, IP_TOS
            assertThat(server.port()).isPositive();
        }
    }

    @OnEachBackend
    void aDatagramTellsWhichAddressItCameTo(Backend backend) throws Exception {
        var endpoint = Udp.listen("0.0.0.0", 0)
                .loops(On.loops(backend))
                .options(o -> o.localAddresses())
                .codec(Codec.utf8())
                .<String>handle((text, exchange) ->
                        exchange.reply(Text.of(DatagramPeer.of(exchange.peer()).localAddress())));
        if (backend == Backend.NIO) {
            assertThatThrownBy(endpoint::start).hasMessageContaining("localAddresses: only loops on epoll have it");
            return;
        }
        try (Server server = endpoint.start();
                Caller caller = Caller.at("127.0.0.1")) {
            caller.to(new InetSocketAddress("127.0.0.7", server.port()));
            assertThat(caller.ask("where?")).isEqualTo("127.0.0.7:" + server.port());
        }
    }

    @Test
    void whichAddressIsNotAskedWhereNettyDoesNotReadIt() throws Exception {
        assertThatThrownBy(() -> telling("::").start())
                .isInstanceOf(CannotStartException.class)
                .hasMessageContaining(
                        "localAddresses: an endpoint at :: (expected: at 0.0.0.0, or at one IPv6 address)");
        try (Server server = telling("::1").start();
                Caller caller = Caller.at("::1")) {
            caller.to(new InetSocketAddress("::1", server.port()));
            assertThat(caller.ask("which one is it?")).isEqualTo("[0:0:0:0:0:0:0:1]:" + server.port());
        }
    }

    private static Endpoint telling(String host) {
        return Udp.listen(host, 0)
                .loops(On.loops(Backend.EPOLL))
                .options(o -> o.localAddresses())
                .codec(Codec.utf8())
                .handle((text, exchange) ->
                        exchange.reply(Text.of(DatagramPeer.of(exchange.peer()).localAddress())));
    }

    @OnEachBackend
    void oneSocketServesBothFamilies(Backend backend) throws Exception {
        try (Server server = Udp.listen("::", 0)
                        .loops(On.loops(backend))
                        .reply(bytes -> bytes)
                        .start();
                Caller four = Caller.at("127.0.0.1");
                Caller six = Caller.at("::1")) {
            assertThat(four.to(new InetSocketAddress("127.0.0.1", server.port()))
                            .ask("Ada"))
                    .isEqualTo("Ada");
            assertThat(six.to(new InetSocketAddress("::1", server.port())).ask("Bob"))
                    .isEqualTo("Bob");
        }
    }

    @OnEachBackend
    void aGroupIsHeardOnItsInterface(Backend backend) throws Exception {
        try (Server server = hearing(backend, MulticastGroup.of(GROUP).on("lo"))) {
            multicast("hello", server.port());
            await().until(() -> List.copyOf(heard).equals(List.of("hello")));
        }
    }

    @OnEachBackend
    void aGroupMayBeHeardFromOneSourceOnly(Backend backend) throws Exception {
        try (Server server = hearing(backend, MulticastGroup.of(GROUP).on("lo").from("127.0.0.1"))) {
            multicast("hello", server.port());
            await().until(() -> List.copyOf(heard).equals(List.of("hello")));
        }
    }

    @OnEachBackend
    void otherSourcesAreNotHeard(Backend backend) throws Exception {
        try (Server server = hearing(backend, MulticastGroup.of(GROUP).on("lo").from("127.0.0.9"));
                Caller caller = Caller.listening()) {
            multicast("not for us", server.port());
            caller.to(new InetSocketAddress("127.0.0.1", server.port())).send("for us");
            await().until(() -> List.copyOf(heard).equals(List.of("for us")));
        }
    }

    private Server hearing(Backend backend, MulticastGroup group) {
        return Udp.listen("0.0.0.0", 0)
                .loops(On.loops(backend))
                .options(o -> o.join(group))
                .codec(Codec.utf8())
                .consume(heard::add)
                .start();
    }

    private static void multicast(String text, int port) throws Exception {
        try (MulticastSocket sender = new MulticastSocket(new InetSocketAddress("127.0.0.1", 0))) {
            sender.setNetworkInterface(NetworkInterface.getByName("lo"));
            sender.send(new DatagramPacket(text.getBytes(), text.length(), InetAddress.getByName(GROUP), port));
        }
    }

    @OnEachBackend
    void whatCannotBeJoinedIsSaid(Backend backend) {
        assertThatThrownBy(() -> hearing(backend, MulticastGroup.of("127.0.0.1").on("lo")))
                .isInstanceOf(CannotStartException.class)
                .hasMessageContaining("expected: the address of a multicast group");
        assertThatThrownBy(() -> hearing(backend, MulticastGroup.of(GROUP).on("nothing0")))
                .isInstanceOf(CannotStartException.class)
                .hasMessageContaining("no network interface 'nothing0'");
    }

    @OnEachBackend
    void receiveOffloadDeliversEachDatagramByItself(Backend backend) throws Exception {
        var endpoint = Udp.listen(0)
                .loops(On.loops(backend))
                .with(look())
                .options(o -> o.receiveOffload())
                .reply(bytes -> bytes);
        if (backend == Backend.NIO) {
            assertThatThrownBy(endpoint::start).hasMessageContaining("receiveOffload: only loops on epoll have it");
            return;
        }
        try (Server server = endpoint.start();
                Caller caller = Caller.of(server)) {
            assumeTrue(
                    Boolean.TRUE.equals(channels.remove().config().getOption(EpollChannelOption.UDP_GRO)),
                    "the kernel has no UDP_GRO");
            for (int i = 0; i < 200; i++) {
                caller.send("datagram " + i);
            }
            for (int i = 0; i < 200; i++) {
                assertThat(caller.receive()).isEqualTo("datagram " + i);
            }
        }
    }

    @OnEachBackend
    void aBroadcastIsSentAndHeard(Backend backend) throws Exception {
        try (Server server = Udp.listen("0.0.0.0", 0)
                        .loops(On.loops(backend))
                        .codec(Codec.utf8())
                        .consume(heard::add)
                        .start();
                Client<?, Object> client = Udp.connect("127.255.255.255", server.port())
                        .loops(On.loops(backend))
                        .options(o -> o.broadcast())
                        .start()) {
            assertThat(client.send("anybody?")).isTrue();
            await().until(() -> List.copyOf(heard).equals(List.of("anybody?")));
        }
    }

    @OnEachBackend
    void whoeverHearsABroadcastMayAnswerIt(Backend backend) throws Exception {
        try (Server server = Udp.listen("0.0.0.0", 0)
                        .loops(On.loops(backend))
                        .reply(bytes -> bytes)
                        .start();
                DatagramSocket caller = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
            InetAddress everybody = InetAddress.getByName("127.255.255.255");
            caller.send(new DatagramPacket(new byte[] {1, 2}, 2, everybody, server.port()));
            caller.setSoTimeout(10_000);
            DatagramPacket answer = new DatagramPacket(new byte[10], 10);
            caller.receive(answer);
            assertThat(answer.getLength()).isEqualTo(2);
            assertThat(answer.getPort()).isEqualTo(server.port());
        }
    }

    @Test
    void badSettingsAreReportedTogether() {
        var endpoint = Udp.listen(0)
                .options(o -> o.timeToLive(256)
                        .multicastTimeToLive(-1)
                        .trafficClass(256)
                        .join(MulticastGroup.of(""))
                        .sockets(2))
                .reply(bytes -> bytes);
        assertThatThrownBy(endpoint::start)
                .hasMessageContaining("timeToLive: 256")
                .hasMessageContaining("multicastTimeToLive: -1")
                .hasMessageContaining("trafficClass: 256")
                .hasMessageContaining("join: ")
                .hasMessageContaining("sockets: 2 (expected: 1 with join");
    }
}

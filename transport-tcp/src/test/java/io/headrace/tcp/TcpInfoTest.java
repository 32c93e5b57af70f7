package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.ChannelStage;
import io.headrace.Connection;
import io.headrace.Loops.Backend;
import io.headrace.Server;
import io.headrace.Site;
import io.headrace.Slot;
import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.EpollTcpInfo;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What the system tells about connections, and about those who wait to become one. */
class TcpInfoTest extends StreamTest {

    private boolean told() {
        return medium.family() == Medium.Family.TCP && medium.backend() != Backend.NIO;
    }

    @Test
    void aConnectionIsDescribedWhereTheSystemTells() throws Exception {
        CompletableFuture<Connection<String>> connection = new CompletableFuture<>();
        Server server = start(lines().handle((message, exchange) -> {
            connection.complete((Connection<String>) exchange.peer());
            exchange.reply(message);
        }));
        StreamPeer peer = dial(server);
        for (int i = 0; i < 10; i++) {
            peer.say("hello");
            assertThat(peer.hear()).isEqualTo("hello");
        }
        Optional<TcpInfo> info = TcpInfo.of(get(connection));
        assertThat(info.isPresent()).isEqualTo(told());
        info.ifPresent(tcp -> {
            assertThat(tcp.roundTrip()).isPositive();
            assertThat(tcp.leastRoundTrip()).isPositive().isLessThan(Duration.ofMinutes(1));
            assertThat(tcp.retransmitTimeout()).isGreaterThan(tcp.roundTrip());
            assertThat(tcp.segmentBytes()).isBetween(500L, 65_535L);
            assertThat(tcp.congestionWindow()).isPositive();
            assertThat(tcp.lost()).isZero();
            assertThat(tcp.notSentBytes()).isZero();
            assertThat(tcp.deliveryRate()).isPositive();
        });
        peer.close();
        get(get(connection).closed());
        assertThat(TcpInfo.of(get(connection))).isEmpty();
    }

    /** Holds the first channel, to be asked by Netty's own means. */
    private record FirstChannel(CompletableFuture<Channel> channel) implements ChannelStage<Channel> {
        @Override
        public Slot slot() {
            return Slot.ADMISSION;
        }

        @Override
        public PerLoop<Channel> open(Site site) {
            return loop -> (channel, line) -> this.channel.complete(channel);
        }
    }

    @Test
    void theNumbersAreThoseThatNettyFinds() throws Exception {
        Assumptions.assumeTrue(told() && medium.backend() == Backend.EPOLL);
        FirstChannel first = new FirstChannel(new CompletableFuture<>());
        Server server = start(lines().with(first).reply(message -> message));
        StreamPeer peer = dial(server);
        peer.say("hello");
        assertThat(peer.hear()).isEqualTo("hello");
        Connection<?> connection =
                server.connection(server.connections().get(0).id()).orElseThrow();
        await().untilAsserted(() -> {
            EpollTcpInfo theirs = ((EpollSocketChannel) get(first.channel)).tcpInfo();
            TcpInfo ours = TcpInfo.of(connection).orElseThrow();
            assertThat(ours.roundTrip()).isEqualTo(Duration.ofNanos(1_000 * theirs.rtt()));
            assertThat(ours.roundTripVariation()).isEqualTo(Duration.ofNanos(1_000 * theirs.rttvar()));
            assertThat(ours.retransmitTimeout()).isEqualTo(Duration.ofNanos(1_000 * theirs.rto()));
            assertThat(ours.segmentBytes()).isEqualTo(theirs.sndMss());
            assertThat(ours.congestionWindow()).isEqualTo(theirs.sndCwnd());
            assertThat(ours.retransmits()).isEqualTo(theirs.totalRetrans());
            assertThat(ours.unacknowledged()).isEqualTo(theirs.unacked()).isZero();
        });
    }

    @Test
    void whatWaitsInTheSystemIsToldApart() throws Exception {
        Assumptions.assumeTrue(told());
        CompletableFuture<Connection<Object>> held = new CompletableFuture<>();
        Server server = start(listen().onConnect(held::complete));
        dialSmall(server);
        get(held).send(new byte[8 * 1_024 * 1_024]);
        await().until(() -> TcpInfo.of(get(held)).orElseThrow().notSentBytes() > 0);
    }

    @Test
    void aGreetingIsDescribedBeforeItLeaves() throws Exception {
        CompletableFuture<Optional<TcpInfo>> info = new CompletableFuture<>();
        CompletableFuture<Connection<Object>> greeted = new CompletableFuture<>();
        // Without a stage on the line, so that epoll takes its short way.
        Server server = start(
                Medium.setup(medium.listening()).named("contract").loops(loops).onConnect(connection -> {
                    info.complete(TcpInfo.of(connection));
                    greeted.complete(connection);
                    connection.sendAndClose("hello");
                }));
        StreamPeer peer = closing(medium.dial(server.address()));
        assertThat(peer.hearAll()).isEqualTo("hello");
        assertThat(get(info).isPresent()).isEqualTo(told());
        peer.close();
        get(get(greeted).closed());
        assertThat(TcpInfo.of(get(greeted))).isEmpty();
    }
}

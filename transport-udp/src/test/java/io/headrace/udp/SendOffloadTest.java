package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.headrace.ChannelStage;
import io.headrace.DropReason;
import io.headrace.Loops.Backend;
import io.headrace.Peer;
import io.headrace.Server;
import io.headrace.Site;
import io.headrace.Slot;
import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Datagrams to one peer that go through the system as one, and that nobody can tell from others. */
class SendOffloadTest {
    private final Counts counts = new Counts();
    private final Queue<Channel> channels = new ConcurrentLinkedQueue<>();
    private final Queue<Long> places = new ConcurrentLinkedQueue<>();
    private final Queue<String> heard = new ConcurrentLinkedQueue<>();

    /** Lets the test reach the socket. */
    private ChannelStage<Channel> look() {
        return new ChannelStage<>() {
            @Override
            public Slot slot() {
                return Slot.ADMISSION;
            }

            @Override
            public PerLoop<Channel> open(Site site) {
                return loop -> (channel, line) -> channels.add(channel);
            }
        };
    }

    /** Says something to whoever asks, in one batch. */
    private Server saying(Consumer<DatagramPeer<Object>> words) {
        assumeTrue(EpollDatagramChannel.isSegmentedDatagramPacketSupported(), "the kernel has no UDP_SEGMENT");
        return Udp.listen(0)
                .loops(On.loops(Backend.EPOLL))
                .with(ReplyLimit.off())
                .with(counts)
                .with(look())
                .handle((asked, exchange) -> {
                    words.accept(DatagramPeer.of(exchange.peer()));
                    exchange.consume();
                })
                .start();
    }

    /** Hears runs glued together, as they were sent. */
    private Server receiver() {
        return Udp.listen(0)
                .loops(On.loops(Backend.EPOLL))
                .with(SenderCheck.off()) // It is sent to by an endpoint of its own process.
                .options(o -> o.receiveOffload())
                .consume(bytes -> {
                    places.add(bytes.memoryAddress() + bytes.readerIndex());
                    heard.add(bytes.toString(StandardCharsets.UTF_8));
                })
                .start();
    }

    private static void tenTo(InetSocketAddress address, DatagramPeer<Object> peer) {
        Peer<Object> to = peer.to(address);
        for (int i = 100; i < 110; i++) {
            to.send("number " + i);
        }
    }

    /** Whether the ten that are awaited come as one: then they lie side by side in the receiver's memory. */
    private boolean tenTravelAsOne() {
        await().untilAsserted(() -> assertThat(heard).hasSize(10));
        assertThat(heard).first().isEqualTo("number 100");
        assertThat(heard).last().isEqualTo("number 109");
        List<Long> at = List.copyOf(places);
        heard.clear();
        places.clear();
        return IntStream.range(1, 10).allMatch(i -> at.get(i) - at.get(i - 1) == "number 100".length());
    }

    @Test
    void whatFollowsEachOtherToOnePeerTravelsAsOne() throws Exception {
        try (Server receiver = receiver();
                Server sender = saying(peer -> tenTo((InetSocketAddress) receiver.address(), peer));
                Caller caller = Caller.of(sender)) {
            caller.send("go");
            assertThat(tenTravelAsOne()).isTrue();
            await().until(() -> counts.sent.get() == 10);
        }
    }

    /** Broadcast is not allowed on the socket, and anybody can forge such a sender. */
    @Test
    void aPeerWhomNobodyCanSendToTurnsNothingOff() throws Exception {
        Queue<InetSocketAddress> next = new ConcurrentLinkedQueue<>();
        try (Server receiver = receiver();
                Server sender = saying(peer -> tenTo(next.remove(), peer));
                Caller caller = Caller.of(sender)) {
            next.add(new InetSocketAddress("255.255.255.255", 9));
            caller.send("go");
            await().until(() -> counts.dropped().equals(Map.of(DropReason.SEND_FAILED, 10L)));
            next.add((InetSocketAddress) receiver.address());
            caller.send("go");
            assertThat(tenTravelAsOne()).isTrue();
        }
    }

    @Test
    void lengthsAndOrderAreThoseThatWereSent() throws Exception {
        try (Caller other = Caller.listening();
                Server sender = saying(peer -> {
                    for (int bytes : new int[] {50, 50, 30, 50, 60, 1_300, 50}) {
                        peer.send("x".repeat(bytes));
                    }
                    peer.to(other.address()).send("to another");
                    peer.send("y".repeat(50));
                });
                Caller caller = Caller.of(sender)) {
            caller.send("go");
            List<Integer> lengths = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                lengths.add(caller.receiveBytes().length);
            }
            assertThat(lengths).containsExactly(50, 50, 30, 50, 60, 1_300, 50, 50);
            assertThat(other.receive()).isEqualTo("to another");
            await().until(() -> counts.sent.get() == 9);
            assertThat(counts.dropped()).isEmpty();
        }
    }

    @Test
    void aRunMayBeLongerThanTheSystemTakesAtOnce() throws Exception {
        try (Server sender = saying(peer -> {
                    for (int i = 0; i < 150; i++) {
                        peer.send("number " + (100 + i));
                    }
                });
                Caller caller = Caller.of(sender)) {
            caller.send("go");
            for (int i = 0; i < 150; i++) {
                assertThat(caller.receive()).isEqualTo("number " + (100 + i));
            }
        }
    }

    /** As where a device cannot take runs apart: the kernel refuses those of a socket without checksums, too. */
    @Test
    void aRefusedRunLeavesOneByOneInItsPlace() throws Exception {
        try (Server sender = saying(peer -> {
                    for (int i = 100; i < 110; i++) {
                        peer.send("number " + i);
                    }
                    peer.send("x".repeat(1_300)); // Too long for a run.
                    for (int i = 110; i < 120; i++) {
                        peer.send("number " + i);
                    }
                });
                Caller caller = Caller.of(sender)) {
            checksums(false);
            caller.send("go");
            List<String> heard = new ArrayList<>();
            for (int i = 0; i < 21; i++) {
                heard.add(caller.receive());
            }
            assertThat(heard.remove(10)).hasSize(1_300);
            assertThat(heard)
                    .isEqualTo(IntStream.range(100, 120)
                            .mapToObj(i -> "number " + i)
                            .toList());
            await().until(() -> counts.sent.get() == 21);
            assertThat(counts.dropped()).isEmpty();
        }
    }

    private void checksums(boolean on) throws IOException {
        ((Socket) ((UnixChannel) channels.element()).fd()).setIntOpt(1, 11, on ? 0 : 1); // SOL_SOCKET, SO_NO_CHECK
    }

    @Test
    void runsAreTriedAgainAfterAPause() throws Exception {
        try (Server receiver = receiver();
                Server sender = saying(peer -> tenTo((InetSocketAddress) receiver.address(), peer));
                Caller caller = Caller.of(sender)) {
            checksums(false);
            caller.send("go");
            assertThat(tenTravelAsOne()).isFalse();
            checksums(true);
            for (int i = 0; i < 7; i++) { // 64 by themselves, and what is left of the seventh ten.
                caller.send("go");
                assertThat(tenTravelAsOne()).isFalse();
            }
            caller.send("go");
            assertThat(tenTravelAsOne()).isTrue();
            assertThat(counts.dropped()).isEmpty();
        }
    }

    @Test
    void twoLeaveByThemselves() throws Exception {
        try (Server receiver = receiver();
                Server sender = saying(peer -> {
                    Peer<Object> to = peer.to((InetSocketAddress) receiver.address());
                    to.send("one");
                    to.send("two");
                });
                Caller caller = Caller.of(sender)) {
            caller.send("go");
            await().untilAsserted(() -> assertThat(places).hasSize(2));
            List<Long> at = List.copyOf(places);
            assertThat(at.get(1) - at.get(0)).isNotEqualTo(3);
        }
    }
}

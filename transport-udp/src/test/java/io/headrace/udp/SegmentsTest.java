package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.headrace.Codec;
import io.headrace.DropReason;
import io.headrace.Loops.Backend;
import io.headrace.Server;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.epoll.EpollDatagramChannel;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** Runs of equal datagrams, taken apart and glued together by the system where it can. */
class SegmentsTest {
    private static final int SEGMENT = 100;

    private final Counts counts = new Counts();

    private static String text(int bytes) {
        StringBuilder text = new StringBuilder();
        while (text.length() < bytes) {
            text.append(text.length()).append(' ');
        }
        text.setLength(bytes);
        return text.toString();
    }

    /** Answers every datagram with as many bytes as it asks for, in segments. */
    private Server cutting(Backend backend) {
        return Udp.listen(0)
                .loops(On.loops(backend))
                .with(ReplyLimit.off())
                .with(counts)
                .codec(Codec.utf8())
                .<String>handle((asked, exchange) -> {
                    DatagramPeer.of(exchange.peer()).sendSegments(text(Integer.parseInt(asked)), SEGMENT);
                    exchange.consume();
                })
                .start();
    }

    @OnEachBackend
    void aRunLeavesAsDatagramsAndTheLastIsWhatIsLeft(Backend backend) throws Exception {
        try (Server server = cutting(backend);
                Caller caller = Caller.of(server)) {
            String all = text(1_050);
            caller.send("1050");
            for (int from = 0; from < 1_050; from += SEGMENT) {
                assertThat(caller.receive()).isEqualTo(all.substring(from, Math.min(1_050, from + SEGMENT)));
            }
            assertThat(caller.heardNothing()).isTrue();
            await().until(() -> counts.sent.get() == 11);
            assertThat(counts.bytesSent).hasValue(1_050);
        }
    }

    @OnEachBackend
    void aRunMayBeLongerThanTheSystemTakesAtOnce(Backend backend) throws Exception {
        try (Server server = cutting(backend);
                Caller caller = Caller.of(server)) {
            caller.send("15000");
            for (int i = 0; i < 150; i++) {
                assertThat(caller.receiveBytes()).hasSize(SEGMENT);
            }
            assertThat(counts.dropped()).isEmpty();
        }
    }

    @OnEachBackend
    void aShortRunIsOneDatagram(Backend backend) throws Exception {
        try (Server server = cutting(backend);
                Caller caller = Caller.of(server)) {
            assertThat(caller.ask("100")).hasSize(100);
            assertThat(caller.ask("0")).isEmpty();
            assertThat(caller.heardNothing()).isTrue();
        }
    }

    @OnEachBackend
    void segmentsCountAgainstTheReplyLimit(Backend backend) throws Exception {
        try (Server server = Udp.listen(0)
                        .loops(On.loops(backend))
                        .with(counts)
                        .codec(Codec.utf8())
                        .<String>handle((asked, exchange) -> {
                            // 3 x (1 + 28) = 87 bytes may go back; each datagram after the first costs 28.
                            DatagramPeer<String> peer = DatagramPeer.of(exchange.peer());
                            assertThat(peer.sendSegments("x".repeat(60), 30)).isFalse();
                            assertThat(peer.sendSegments("x".repeat(59), 30)).isTrue();
                            exchange.consume();
                        })
                        .start();
                Caller caller = Caller.of(server)) {
            assertThat(caller.ask("?")).hasSize(30);
            assertThat(caller.receive()).hasSize(29);
            assertThat(counts.dropped()).isEqualTo(Map.of(DropReason.REPLY_LIMIT, 1L));
        }
    }

    /** One run from one epoll socket to another: datagrams that lie side by side in memory came as one. */
    @Test
    void aRunArrivesGluedTogetherAndIsDeliveredOneByOne() throws Exception {
        Queue<Long> places = new ConcurrentLinkedQueue<>();
        Queue<String> heard = new ConcurrentLinkedQueue<>();
        try (Server receiver = Udp.listen(0)
                        .loops(On.loops(Backend.EPOLL))
                        .with(SenderCheck.off()) // It is sent to by an endpoint of its own process.
                        .options(o -> o.receiveOffload())
                        .consume(bytes -> {
                            places.add(bytes.memoryAddress() + bytes.readerIndex());
                            heard.add(bytes.toString(StandardCharsets.UTF_8));
                        })
                        .start();
                Server sender = Udp.listen(0)
                        .loops(On.loops(Backend.EPOLL))
                        .<String>handle((bytes, exchange) -> {
                            ByteBuf run = Unpooled.copiedBuffer(text(1_000), StandardCharsets.UTF_8);
                            DatagramPeer.of(exchange.peer())
                                    .to((InetSocketAddress) receiver.address())
                                    .sendSegments(run, SEGMENT);
                            exchange.consume();
                        })
                        .start();
                Caller caller = Caller.of(sender)) {
            caller.send("go");
            await().untilAsserted(() -> assertThat(heard).hasSize(10));
            assertThat(String.join("", heard)).isEqualTo(text(1_000));
            assumeTrue(EpollDatagramChannel.isSegmentedDatagramPacketSupported(), "the kernel has no UDP_SEGMENT");
            List<Long> at = List.copyOf(places);
            for (int i = 1; i < 10; i++) {
                assertThat(at.get(i) - at.get(i - 1)).isEqualTo(SEGMENT);
            }
        }
    }

    @OnEachBackend
    void aBufferInPiecesIsSentToo(Backend backend) throws Exception {
        try (Server server = Udp.listen(0)
                        .loops(On.loops(backend))
                        .with(ReplyLimit.off())
                        .handle((bytes, exchange) -> {
                            ByteBuf pieces = Unpooled.wrappedBuffer(
                                    Unpooled.copiedBuffer("abc", StandardCharsets.UTF_8),
                                    Unpooled.copiedBuffer("defg", StandardCharsets.UTF_8));
                            DatagramPeer.of(exchange.peer()).sendSegments(pieces, 2);
                            exchange.consume();
                        })
                        .start();
                Caller caller = Caller.of(server)) {
            assertThat(caller.ask("?") + "," + caller.receive() + "," + caller.receive() + "," + caller.receive())
                    .isEqualTo("ab,cd,ef,g");
        }
    }

    @Test
    void aSegmentHasALength() {
        UdpPeer<Object> peer = new UdpPeer<>(null, null, 0);
        assertThatThrownBy(() -> peer.sendSegments("x", 0)).hasMessage("segmentBytes: 0 (expected: 1 to 65507)");
    }
}

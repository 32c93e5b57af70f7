package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.Codec;
import io.headrace.DropReason;
import io.headrace.Loops.Backend;
import io.headrace.Server;
import io.headrace.Slot;
import io.headrace.Stage;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;

/** Every datagram is counted once: delivered, sent, or dropped for one reason. */
class UdpDropsTest {
    private final Counts counts = new Counts();
    private Server server;

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop(Duration.ZERO).join();
        }
    }

    private UdpSetup<String, String> texts(Backend backend) {
        return Udp.listen(0).loops(On.loops(backend)).with(counts).codec(Codec.utf8());
    }

    @OnEachBackend
    void countsDatagramsAndBytesBothWays(Backend backend) throws Exception {
        server = texts(backend).reply(text -> text + text).start();
        try (Caller caller = Caller.of(server)) {
            caller.ask("four");
            caller.ask("");
            await().until(() -> counts.sent.get() == 2);
            assertThat(counts.received).hasValue(2);
            assertThat(counts.bytesReceived).hasValue(4);
            assertThat(counts.bytesSent).hasValue(8);
            assertThat(counts.dropped()).isEmpty();
        }
    }

    @OnEachBackend
    void countsBothWaysWhereAHandlerStandsOnTheLine(Backend backend) throws Exception {
        server = texts(backend)
                .with(Stage.netty(Slot.WIRE, "nothing-special", ChannelDuplexHandler::new))
                .reply(text -> text + text)
                .start();
        try (Caller caller = Caller.of(server)) {
            caller.ask("four");
            caller.ask("");
            await().until(() -> counts.sent.get() == 2);
            assertThat(counts.received).hasValue(2);
            assertThat(counts.bytesReceived).hasValue(4);
            assertThat(counts.bytesSent).hasValue(8);
        }
    }

    @OnEachBackend
    void anOversizeDatagramIsDroppedAndTheNextOneServed(Backend backend) throws Exception {
        server = texts(backend)
                .options(o -> o.maxDatagramBytes(10))
                .reply(text -> text)
                .start();
        try (Caller caller = Caller.of(server)) {
            caller.send("12345678901").send(new byte[5_000]);
            assertThat(caller.ask("1234567890")).isEqualTo("1234567890");
            assertThat(counts.dropped()).isEqualTo(Map.of(DropReason.OVERSIZE, 2L));
            assertThat(counts.received).hasValue(3);
        }
    }

    /** E1, at the maximum that nobody has changed. */
    @OnEachBackend
    void oneByteTooManyAndTheLongestOfAllAreNeverDeliveredCut(Backend backend) throws Exception {
        server = Udp.listen(0)
                .loops(On.loops(backend))
                .with(counts)
                .reply(bytes -> bytes)
                .start();
        try (Caller caller = Caller.of(server)) {
            caller.send(new byte[1_473]).send(new byte[65_507]);
            assertThat(caller.send(new byte[1_472]).receiveBytes()).hasSize(1_472);
            assertThat(counts.dropped()).isEqualTo(Map.of(DropReason.OVERSIZE, 2L));
        }
    }

    @OnEachBackend
    void aHandlerOnTheLineNeverSeesAnOversizeDatagram(Backend backend) throws Exception {
        AtomicInteger seen = new AtomicInteger();
        server = texts(backend)
                .options(o -> o.maxDatagramBytes(10))
                .with(Stage.netty(Slot.WIRE, "seen", () -> new ChannelDuplexHandler() {
                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object message) {
                        seen.incrementAndGet();
                        ctx.fireChannelRead(message);
                    }
                }))
                .reply(text -> text)
                .start();
        try (Caller caller = Caller.of(server)) {
            caller.send("12345678901").ask("1234567890");
            assertThat(seen).hasValue(1);
            assertThat(counts.dropped()).isEqualTo(Map.of(DropReason.OVERSIZE, 1L));
        }
    }

    @OnEachBackend
    void aMalformedDatagramIsDroppedAndTheNextOneServed(Backend backend) throws Exception {
        server = texts(backend).reply(text -> text).start();
        try (Caller caller = Caller.of(server)) {
            caller.send(new byte[] {(byte) 0xC3, (byte) 0x28});
            assertThat(caller.ask("Ada")).isEqualTo("Ada");
            assertThat(counts.dropped()).isEqualTo(Map.of(DropReason.MALFORMED, 1L));
        }
    }

    @OnEachBackend
    void aReplyThatNoDatagramCanCarryIsDropped(Backend backend) throws Exception {
        server = texts(backend)
                .with(ReplyLimit.off())
                .reply(text -> "x".repeat(Integer.parseInt(text)))
                .start();
        try (Caller caller = Caller.of(server)) {
            caller.send("65508");
            assertThat(caller.ask("65507")).hasSize(65_507);
            assertThat(counts.dropped()).isEqualTo(Map.of(DropReason.REPLY_OVERSIZE, 1L));
        }
    }

    @OnEachBackend
    void whatTheSystemRefusesToSendCostsThatDatagramOnly(Backend backend) throws Exception {
        server = texts(backend)
                .with(rewriting("bad", new InetSocketAddress("255.255.255.255", 9))) // Broadcast is not allowed on it.
                .reply(text -> text)
                .start();
        try (Caller caller = Caller.of(server)) {
            caller.send("bad").send("bad");
            assertThat(caller.ask("good")).isEqualTo("good");
            await().until(() -> counts.sent.get() == 1);
            assertThat(counts.dropped()).isEqualTo(Map.of(DropReason.SEND_FAILED, 2L));
        }
    }

    /** Sends each datagram of this content to that address instead. */
    private static Stage<Channel> rewriting(String content, InetSocketAddress recipient) {
        return Stage.netty(Slot.WIRE, "rewriting", () -> new ChannelDuplexHandler() {
            @Override
            public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                DatagramPacket packet = (DatagramPacket) message;
                boolean meant =
                        packet.content().toString(StandardCharsets.UTF_8).equals(content);
                ctx.write(meant ? new DatagramPacket(packet.content(), recipient) : packet, promise);
            }
        });
    }

    @OnEachBackend
    void nothingIsSentToAnUnresolvedAddress(Backend backend) throws Exception {
        server = texts(backend)
                .with(Stage.netty(Slot.WIRE, "unresolved", () -> new ChannelDuplexHandler() {
                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object message) {
                        DatagramPacket packet = (DatagramPacket) message;
                        InetSocketAddress nowhere = InetSocketAddress.createUnresolved("nowhere", 9);
                        ctx.fireChannelRead(
                                packet.content().readableBytes() == 3
                                        ? new DatagramPacket(packet.content(), packet.recipient(), nowhere)
                                        : packet);
                    }
                }))
                .reply(text -> text)
                .start();
        try (Caller caller = Caller.of(server)) {
            caller.send("bad");
            assertThat(caller.ask("good")).isEqualTo("good");
            assertThat(counts.dropped()).isEqualTo(Map.of(DropReason.SEND_FAILED, 1L));
        }
    }

    @OnEachBackend
    void theQueueTowardTheSocketIsBounded(Backend backend) throws Exception {
        AtomicInteger taken = new AtomicInteger();
        server = texts(backend)
                .with(ReplyLimit.off())
                .with(dam())
                .<String>handle((text, exchange) -> {
                    while (taken.get() < 100 && exchange.peer().send("x".repeat(60_000))) {
                        taken.incrementAndGet();
                    }
                    exchange.consume();
                })
                .start();
        try (Caller caller = Caller.of(server)) {
            caller.send("flood");
            await().until(() -> !counts.dropped().isEmpty());
            assertThat(counts.dropped()).isEqualTo(Map.of(DropReason.SEND_QUEUE_FULL, 1L));
            assertThat(taken).hasValueBetween(16, 18); // 1 MiB, as Netty counts.
        }
    }

    @OnEachBackend
    void whatNeverLeftIsReportedWhenTheServerStops(Backend backend) throws Exception {
        server = texts(backend).with(dam()).reply(text -> text).start();
        try (Caller caller = Caller.of(server)) {
            caller.send("12345");
            await().until(() -> counts.received.get() == 1);
            assertThat(server.stop(Duration.ZERO).join().droppedBytes()).isEqualTo(5);
        }
    }

    /** Lets nothing through to the socket. */
    private static Stage<Channel> dam() {
        return Stage.netty(Slot.WIRE, "dam", () -> new ChannelDuplexHandler() {
            @Override
            public void flush(ChannelHandlerContext ctx) {
                // Never.
            }
        });
    }
}

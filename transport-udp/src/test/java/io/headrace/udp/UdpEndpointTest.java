package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.headrace.Client;
import io.headrace.Codec;
import io.headrace.Endpoint;
import io.headrace.Exchange;
import io.headrace.LogCapture;
import io.headrace.Loops.Backend;
import io.headrace.Server;
import io.headrace.Slot;
import io.headrace.Stage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultAddressedEnvelope;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What an endpoint does with datagrams, good and bad. */
class UdpEndpointTest {

    @OnEachBackend
    void echoesBytesAsTheyAre(Backend backend) throws Exception {
        try (Server server = Udp.listen(0)
                        .loops(On.loops(backend))
                        .reply(bytes -> bytes)
                        .start();
                Caller caller = Caller.of(server)) {
            assertThat(caller.ask("Ada")).isEqualTo("Ada");
        }
    }

    @OnEachBackend
    void repliesThroughItsCodec(Backend backend) throws Exception {
        try (Server server = Udp.listen(0)
                        .loops(On.loops(backend))
                        .codec(Codec.utf8())
                        .reply(name -> "Hello, " + name + "!")
                        .start();
                Caller caller = Caller.of(server)) {
            assertThat(caller.ask("Ada")).isEqualTo("Hello, Ada!");
        }
    }

    @OnEachBackend
    void repliesToEachSenderItsOwnAnswer(Backend backend) throws Exception {
        try (Server server = Udp.listen(0)
                        .loops(On.loops(backend))
                        .reply(bytes -> bytes)
                        .start();
                Caller ada = Caller.of(server);
                Caller bob = Caller.of(server)) {
            for (int i = 0; i < 100; i++) {
                ada.send("Ada " + i);
                bob.send("Bob " + i);
            }
            for (int i = 0; i < 100; i++) {
                assertThat(ada.receive()).isEqualTo("Ada " + i);
                assertThat(bob.receive()).isEqualTo("Bob " + i);
            }
        }
    }

    @OnEachBackend
    void consumesWithoutAnswering(Backend backend) throws Exception {
        BlockingQueue<String> consumed = new LinkedBlockingQueue<>();
        try (Server server = Udp.listen(0)
                        .loops(On.loops(backend))
                        .codec(Codec.utf8())
                        .consume(consumed::add)
                        .start();
                Caller caller = Caller.of(server)) {
            caller.send("hits:1|c");
            assertThat(consumed.poll(10, TimeUnit.SECONDS)).isEqualTo("hits:1|c");
            assertThat(caller.heardNothing()).isTrue();
        }
    }

    @OnEachBackend
    void repliesLaterFromAnotherThread(Backend backend) throws Exception {
        try (Server server = Udp.listen(0)
                        .loops(On.loops(backend))
                        .codec(Codec.utf8())
                        .replyAsync(text -> CompletableFuture.supplyAsync(text::toUpperCase))
                        .start();
                Caller caller = Caller.of(server)) {
            assertThat(caller.ask("ada")).isEqualTo("ADA");
        }
    }

    @OnEachBackend
    void answersLeaveInTheOrderInWhichTheyCome(Backend backend) throws Exception {
        BlockingQueue<Exchange<String>> open = new LinkedBlockingQueue<>();
        try (Server server = Udp.listen(0)
                        .loops(On.loops(backend))
                        .codec(Codec.utf8())
                        .<String>handle((text, exchange) -> open.add(exchange))
                        .start();
                Caller caller = Caller.of(server)) {
            Exchange<String> first = taken(caller.send("1"), open);
            Exchange<String> second = taken(caller.send("2"), open);
            second.reply("second");
            assertThat(caller.receive()).isEqualTo("second");
            first.reply("first");
            assertThat(caller.receive()).isEqualTo("first");
        }
    }

    @OnEachBackend
    void anEmptyDatagramKeepsItsPlaceAmongTheOthers(Backend backend) throws Exception {
        try (Server server = Udp.listen(0)
                        .loops(On.loops(backend))
                        .codec(Codec.utf8())
                        .<String>handle((text, exchange) -> {
                            exchange.peer().send("first");
                            exchange.peer().send("");
                            exchange.reply("last");
                        })
                        .start();
                Caller caller = Caller.of(server)) {
            assertThat(caller.ask("what is it all about?")).isEqualTo("first");
            assertThat(caller.receive()).isEmpty();
            assertThat(caller.receive()).isEqualTo("last");
        }
    }

    private static <T> T taken(Caller sent, BlockingQueue<T> queue) throws InterruptedException {
        T next = queue.poll(10, TimeUnit.SECONDS);
        assertThat(next).as("what came of a datagram of %s", sent).isNotNull();
        return next;
    }

    @OnEachBackend
    void eachHeldExchangeKeepsItsPeer(Backend backend) throws Exception {
        Queue<Exchange<String>> open = new ConcurrentLinkedQueue<>();
        try (Server server = Udp.listen(0)
                        .loops(On.loops(backend))
                        .codec(Codec.utf8())
                        .<String>handle((text, exchange) -> open.add(exchange))
                        .start();
                Caller ada = Caller.of(server);
                Caller bob = Caller.of(server)) {
            ada.send("Ada");
            bob.send("Bob");
            await().until(() -> open.size() == 2);
            assertThat(open.stream().map(exchange -> exchange.peer().address()).toList())
                    .isEqualTo(List.of(ada.address(), bob.address()));
            open.forEach(Exchange::consume);
        }
    }

    @OnEachBackend
    void aHeldBufferIsNotASliceOfItsBatch(Backend backend) throws Exception {
        BlockingQueue<Exchange<Object>> open = new LinkedBlockingQueue<>();
        BlockingQueue<ByteBuf> messages = new LinkedBlockingQueue<>();
        try (Server server = Udp.listen(0)
                        .loops(On.loops(backend))
                        .<ByteBuf>handle((bytes, exchange) -> {
                            messages.add(bytes);
                            open.add(exchange);
                        })
                        .start();
                Caller caller = Caller.of(server)) {
            ByteBuf held = taken(caller.send("Ada"), messages);
            assertThat(held.capacity()).isEqualTo(3);
            open.take().consume();
        }
    }

    @OnEachBackend
    void theInboundBufferMayBeSentToItsPeer(Backend backend) throws Exception {
        try (Server server = Udp.listen(0)
                        .loops(On.loops(backend))
                        .handle((bytes, exchange) -> {
                            exchange.peer().send(bytes);
                            exchange.consume();
                        })
                        .start();
                Caller caller = Caller.of(server)) {
            assertThat(caller.ask("Ada")).isEqualTo("Ada");
        }
    }

    @OnEachBackend
    void aPeerMayBeSentMoreThanItsAnswer(Backend backend) throws Exception {
        try (Server server = Udp.listen(0)
                        .loops(On.loops(backend))
                        .codec(Codec.utf8())
                        .<String>handle((text, exchange) -> {
                            exchange.peer().send("one");
                            exchange.peer().send("two");
                            exchange.reply("three");
                        })
                        .start();
                Caller caller = Caller.of(server)) {
            assertThat(List.of(caller.ask("count"), caller.receive(), caller.receive()))
                    .isEqualTo(List.of("one", "two", "three"));
        }
    }

    @OnEachBackend
    void aPeerMayBeSentToFromAnyThread(Backend backend) throws Exception {
        BlockingQueue<Exchange<String>> open = new LinkedBlockingQueue<>();
        try (Server server = Udp.listen(0)
                        .loops(On.loops(backend))
                        .codec(Codec.utf8())
                        .<String>handle((text, exchange) -> open.add(exchange))
                        .start();
                Caller caller = Caller.of(server)) {
            Exchange<String> exchange = taken(caller.send("subscribe"), open);
            assertThat(exchange.peer().send("news")).isTrue();
            assertThat(caller.receive()).isEqualTo("news");
            exchange.consume();
        }
    }

    @OnEachBackend
    void anEmptyDatagramIsAnEmptyMessage(Backend backend) throws Exception {
        try (Server server = Udp.listen(0)
                        .loops(On.loops(backend))
                        .codec(Codec.utf8())
                        .reply(text -> "got '" + text + "'")
                        .start();
                Caller caller = Caller.of(server)) {
            assertThat(caller.ask("")).isEqualTo("got ''");
        }
    }

    @OnEachBackend
    void anEmptyReplyIsSentOnceAndHarmsNoOther(Backend backend) throws Exception {
        try (Server server = Udp.listen(0)
                        .loops(On.loops(backend))
                        .with(ReplyLimit.off())
                        .codec(Codec.utf8())
                        .<String>handle((text, exchange) -> {
                            exchange.peer().send("before");
                            exchange.peer().send("");
                            exchange.peer().send("after");
                            exchange.reply("end");
                        })
                        .start();
                Caller caller = Caller.of(server)) {
            assertThat(List.of(caller.ask("go"), caller.receive(), caller.receive(), caller.receive()))
                    .containsExactlyInAnyOrder("before", "", "after", "end");
            assertThat(caller.heardNothing()).isTrue();
        }
    }

    @OnEachBackend
    void theLongestDatagramOfIpV4GoesBothWays(Backend backend) throws Exception {
        try (Server server = Udp.listen(0)
                        .loops(On.loops(backend))
                        .options(o -> o.maxDatagramBytes(65_507))
                        .reply(bytes -> bytes)
                        .start();
                Caller caller = Caller.of(server)) {
            assertThat(caller.send(new byte[65_507]).receiveBytes()).hasSize(65_507);
        }
    }

    @OnEachBackend
    void answersOtherwiseWhereAHandlerFails(Backend backend) throws Exception {
        try (Server server = Udp.listen(0)
                        .loops(On.loops(backend))
                        .codec(Codec.utf8())
                        .otherwise((text, outcome) -> text + ": " + outcome.tag())
                        .reply(text -> {
                            throw new IllegalStateException("as the test wants");
                        })
                        .start();
                Caller caller = Caller.of(server)) {
            assertThat(caller.ask("Ada")).isEqualTo("Ada: failed");
        }
    }

    @OnEachBackend
    void aThrowingHandlerDoesNotEndTheEndpoint(Backend backend) throws Exception {
        try (Server server = Udp.listen(0)
                        .loops(On.loops(backend))
                        .codec(Codec.utf8())
                        .reply(text -> "answer " + 12 / Integer.parseInt(text))
                        .start();
                Caller caller = Caller.of(server)) {
            caller.send("0").send("no number");
            assertThat(caller.ask("3")).isEqualTo("answer 4");
        }
    }

    @OnEachBackend
    void aReplyToAClosedPortDoesNotEndTheEndpoint(Backend backend) throws Exception {
        BlockingQueue<Exchange<String>> open = new LinkedBlockingQueue<>();
        try (Server server = Udp.listen(0)
                .loops(On.loops(backend))
                .codec(Codec.utf8())
                .<String>handle((text, exchange) -> open.add(exchange))
                .start()) {
            Exchange<String> orphan;
            try (Caller gone = Caller.of(server)) {
                orphan = taken(gone.send("hello"), open);
            }
            for (int i = 0; i < 10; i++) {
                orphan.peer().send("anybody there?"); // Each draws an ICMP port unreachable.
            }
            orphan.reply("nobody there");
            try (Caller next = Caller.of(server)) {
                taken(next.send("hello"), open).reply("still here");
                assertThat(next.receive()).isEqualTo("still here");
            }
        }
    }

    @OnEachBackend
    void servesIpV6(Backend backend) throws Exception {
        assumeTrue(ipV6(), "no IPv6 loopback address here");
        try (Server server = Udp.listen("::1", 0)
                        .loops(On.loops(backend))
                        .reply(bytes -> bytes)
                        .start();
                Client<String, String> client = Udp.connect("::1", server.port())
                        .loops(On.loops(backend))
                        .codec(Codec.utf8())
                        .start()) {
            assertThat(client.ask("Ada").toCompletableFuture().get(10, TimeUnit.SECONDS))
                    .isEqualTo("Ada");
        }
    }

    private static boolean ipV6() throws IOException {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getByName("::1"))) {
            return socket.isBound();
        } catch (SocketException absent) {
            return false;
        }
    }

    @OnEachBackend
    void servesEveryAddressOfIpV4(Backend backend) throws Exception {
        try (Server server = Udp.listen("0.0.0.0", 0)
                        .loops(On.loops(backend))
                        .reply(bytes -> bytes)
                        .start();
                Client<String, String> client = Udp.connect("127.0.0.1", server.port())
                        .loops(On.loops(backend))
                        .codec(Codec.utf8())
                        .start()) {
            assertThat(client.ask("Ada").toCompletableFuture().get(10, TimeUnit.SECONDS))
                    .isEqualTo("Ada");
        }
    }

    @OnEachBackend
    void textAndArraysMayGoOutWithoutACodec(Backend backend) throws Exception {
        try (Server server = Udp.listen(0)
                        .loops(On.loops(backend))
                        .reply(bytes -> bytes.isReadable() ? "text" : Unpooled.wrappedBuffer(new byte[] {'b'}))
                        .start();
                Caller caller = Caller.of(server)) {
            assertThat(caller.ask("Ada")).isEqualTo("text");
            assertThat(caller.ask("")).isEqualTo("b");
        }
    }

    @OnEachBackend
    void handlersOnTheLineMayMakeTheMessages(Backend backend) throws Exception {
        try (Server server = Udp.listen(0)
                        .loops(On.loops(backend))
                        .with(Stage.netty(Slot.WIRE, "numbers", Numbers::new))
                        .codec(Codec.none(Integer.class, Integer.class))
                        .reply(number -> number + 1)
                        .start();
                Caller caller = Caller.of(server)) {
            assertThat(caller.ask("41")).isEqualTo("42");
        }
    }

    /** Numbers in decimal digits, a datagram each. */
    /** Delivers what came when its batch has long ended. */
    private static Stage<Channel> late() {
        return Stage.netty(Slot.WIRE, "late", () -> new ChannelDuplexHandler() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ctx.executor().schedule(() -> ctx.fireChannelRead(message), 5, TimeUnit.MILLISECONDS);
            }
        });
    }

    @OnEachBackend
    void whatAHandlerOnTheLineDeliversLateIsAnswered(Backend backend) throws Exception {
        try (Server server = Udp.listen(0)
                        .loops(On.loops(backend))
                        .with(late())
                        .reply(bytes -> bytes)
                        .start();
                Caller caller = Caller.of(server)) {
            assertThat(caller.ask("Ada")).isEqualTo("Ada");
        }
    }

    @OnEachBackend
    void soItIsWherePeersAreSpread(Backend backend) throws Exception {
        try (Server server = Udp.listen(0)
                .loops(On.loops(backend).threads(4))
                .with(late())
                .spread()
                .reply(bytes -> bytes)
                .start()) {
            for (int i = 0; i < 8; i++) { // On whatever loop each of them is handled.
                try (Caller caller = Caller.of(server)) {
                    assertThat(caller.ask("Ada")).isEqualTo("Ada");
                }
            }
        }
    }

    private static final class Numbers extends ChannelDuplexHandler {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            DatagramPacket packet = (DatagramPacket) message;
            Integer number = Integer.valueOf(packet.content().toString(StandardCharsets.UTF_8));
            packet.release();
            ctx.fireChannelRead(new DefaultAddressedEnvelope<>(number, packet.recipient(), packet.sender()));
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            AddressedEnvelope<?, ?> number = (AddressedEnvelope<?, ?>) message;
            ByteBuf digits = ByteBufUtil.writeUtf8(ctx.alloc(), number.content().toString());
            ctx.write(new DatagramPacket(digits, (InetSocketAddress) number.recipient()), promise);
        }
    }

    @OnEachBackend
    void aHandlersFaultIsReportedWithItsStackAndOnlyOnce(Backend backend) throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class);
                Server server = Udp.listen(0)
                        .loops(On.loops(backend))
                        .named("faulty")
                        .codec(Codec.utf8())
                        .reply(text -> "answer " + 12 / Integer.parseInt(text))
                        .start();
                Caller caller = Caller.of(server)) {
            caller.send("0").send("0").ask("3");
            assertThat(log.warnings())
                    .containsExactly("udp endpoint 'faulty' on 127.0.0.1:0: handler failed: "
                            + "java.lang.ArithmeticException: / by zero");
            assertThat(log.events().get(0).getThrowableProxy()).isNotNull();
        }
    }

    @OnEachBackend
    void whatAPeerDidWrongIsReportedWithoutAStack(Backend backend) throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class);
                Server server = Udp.listen(0)
                        .loops(On.loops(backend))
                        .named("picky")
                        .codec(Codec.utf8())
                        .reply(text -> text)
                        .start();
                Caller caller = Caller.of(server)) {
            caller.send(new byte[] {(byte) 0xC3, (byte) 0x28}).ask("Ada");
            assertThat(log.warnings())
                    .containsExactly("udp endpoint 'picky' on 127.0.0.1:0: malformed datagram dropped: "
                            + "malformed UTF-8, from 127.0.0.1:" + caller.port());
            assertThat(log.events().get(0).getThrowableProxy()).isNull();
        }
    }
}

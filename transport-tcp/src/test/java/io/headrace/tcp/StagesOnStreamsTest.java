package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headrace.ChannelStage;
import io.headrace.CloseReason;
import io.headrace.Codec;
import io.headrace.Endpoint;
import io.headrace.LogCapture;
import io.headrace.Meter;
import io.headrace.Server;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.Stage;
import io.headrace.stage.Metrics;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DelimiterBasedFrameDecoder;
import io.netty.handler.codec.Delimiters;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Stages of a user's own on a stream's line. */
class StagesOnStreamsTest extends StreamTest {

    /** Writes down what passes. */
    private static final class Tap extends ChannelDuplexHandler {
        private final List<String> seen;

        Tap(List<String> seen) {
            this.seen = seen;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            seen.add("in " + ((ByteBuf) message).toString(StandardCharsets.UTF_8));
            ctx.fireChannelRead(message);
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            seen.add("out " + ((ByteBuf) message).toString(StandardCharsets.UTF_8));
            ctx.write(message, promise);
        }
    }

    @Test
    void aHandlerSeesWhatItsSlotSees() throws Exception {
        List<String> wire = new CopyOnWriteArrayList<>();
        List<String> frames = new CopyOnWriteArrayList<>();
        Server server = start(lines().with(Stage.netty(Slot.FRAMING, "frames", () -> new Tap(frames)))
                .with(Stage.netty(Slot.WIRE, "wire", () -> new Tap(wire)))
                .reply(message -> "answer"));

        StreamPeer peer = dial(server);
        peer.say("one");
        assertThat(peer.hear()).isEqualTo("answer");
        assertThat(wire).containsExactly("in one\n", "out answer\n");
        assertThat(frames).containsExactly("in one", "out answer");
    }

    @Test
    void bytesAreCountedAtTheSocketWhateverHandlersDo() throws Exception {
        Server server = start(lines().reply(message -> "12345"));

        StreamPeer peer = dial(server);
        peer.say("123");
        assertThat(peer.hear()).isEqualTo("12345");
        clock.advance(Duration.ofSeconds(1));
        assertThat(total(Meter.DATA_RECEIVED)).isEqualTo(4);
        assertThat(total(Meter.DATA_SENT)).isEqualTo(6);
        assertThat(lives.get(0).received()).isEqualTo(4);
        assertThat(lives.get(0).sent()).isEqualTo(6);
    }

    @Test
    void nettysOwnCodecsStandInTheFramesPlace() throws Exception {
        Server server = start(listen().with(Stage.netty(
                        Slot.FRAMING,
                        "frames",
                        () -> new DelimiterBasedFrameDecoder(1_024, Delimiters.lineDelimiter())))
                .with(Stage.netty(Slot.FRAMING, "text in", StringDecoder::new))
                .with(Stage.netty(Slot.FRAMING, "text out", StringEncoder::new))
                .codec(Codec.none(String.class, String.class))
                .reply(name -> "Hello, " + name + "!\n"));

        StreamPeer peer = dial(server);
        peer.send("Ada\nGrace\n");
        assertThat(hear(peer, 2)).containsExactly("Hello, Ada!", "Hello, Grace!");
    }

    @Test
    void aFrameTooLargeForNettysCodecsIsThePeersFault() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            Server server = start(listen().with(Stage.netty(
                            Slot.FRAMING,
                            "frames",
                            () -> new DelimiterBasedFrameDecoder(10, Delimiters.lineDelimiter())))
                    .reply(bytes -> "ok\n"));

            StreamPeer peer = dial(server);
            peer.send("short\n" + "x".repeat(100));
            assertThat(peer.hearAll()).isEqualTo("ok\n");
            peer.close();
            awaitReasons(CloseReason.FRAME_TOO_LARGE);
            assertThat(log.events())
                    .singleElement()
                    .satisfies(line -> assertThat(line.getThrowableProxy()).isNull());
        }
    }

    @Test
    void aHandlerThatThrowsCostsItsConnection() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            Server server =
                    start(lines().with(Stage.netty(Slot.WIRE, "throws", () -> new ChannelInboundHandlerAdapter() {
                                @Override
                                public void channelRead(ChannelHandlerContext ctx, Object message) {
                                    ((ByteBuf) message).release();
                                    throw new IllegalStateException("thrown on purpose");
                                }
                            }))
                            .reply(message -> message));

            StreamPeer peer = dial(server);
            peer.say("one");
            assertThat(peer.hearAll()).isEmpty();
            peer.close();
            awaitReasons(CloseReason.HANDLER_FAILED);
            assertThat(log.warnings()).hasSize(1);
        }
    }

    /** Cannot prepare every third channel. */
    private record Fails(AtomicInteger count, AtomicInteger removed) implements ChannelStage<DuplexChannel> {
        @Override
        public Slot slot() {
            return Slot.WIRE;
        }

        @Override
        public PerLoop<DuplexChannel> open(Site site) {
            return loop -> (channel, line) -> {
                line.add("counted", new ChannelInboundHandlerAdapter() {
                    @Override
                    public void handlerRemoved(ChannelHandlerContext ctx) {
                        removed.incrementAndGet();
                    }
                });
                if (count.incrementAndGet() % 3 == 0) {
                    throw new IllegalStateException("thrown on purpose");
                }
            };
        }
    }

    @Test
    void aLineThatCannotBeLaidCostsItsConnection() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            Fails fails = new Fails(new AtomicInteger(), new AtomicInteger());
            Server server = start(Medium.setup(medium.listening())
                    .named("contract")
                    .loops(loops)
                    .with(Metrics.to(registry))
                    .with(fails)
                    .with(Framing.lines(1_024))
                    .codec(Codec.utf8())
                    .reply(message -> message));

            int served = 0;
            for (int i = 0; i < 9; i++) {
                StreamPeer peer = dial(server);
                try {
                    peer.say("hello");
                    served += "hello".equals(peer.hear()) ? 1 : 0;
                } catch (IOException cut) {
                    // One of the three.
                }
                peer.close();
            }
            assertThat(served).isEqualTo(6);
            await().untilAsserted(
                            () -> assertThat(total(Meter.CONNECTIONS_ACTIVE)).isZero());
            assertThat(total(Meter.CONNECTIONS_ACCEPTED)).isEqualTo(9);
            assertThat(closed(CloseReason.HANDLER_FAILED)).isEqualTo(3);
            assertThat(log.warnings()).hasSize(1);
        }
    }

    /** Ends every connection while its line is laid. */
    private record Refuses() implements ChannelStage<DuplexChannel> {
        @Override
        public Slot slot() {
            return Slot.ADMISSION;
        }

        @Override
        public PerLoop<DuplexChannel> open(Site site) {
            return loop -> (channel, line) -> line.connection().close(CloseReason.EXCHANGE_REFUSED);
        }
    }

    @Test
    void aStageMayEndAConnectionBeforeItBegins() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            Server server = start(Medium.setup(medium.listening())
                    .named("contract")
                    .loops(loops)
                    .with(Metrics.to(registry))
                    .with(new Refuses())
                    .reply(bytes -> bytes));

            for (int i = 0; i < 5; i++) {
                assertThat(dial(server).hearAll()).isEmpty();
            }
            await().untilAsserted(() ->
                    assertThat(closed(CloseReason.EXCHANGE_REFUSED)).isEqualTo(5));
            assertThat(total(Meter.CONNECTIONS_ACTIVE)).isZero();
            assertThat(log.warnings()).hasSize(1);
        }
    }

    @Test
    void oneHandlerForTwoConnectionsIsAFaultAndNotACrash() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            // As long as nothing is open, a new one each time: at the start one for all would be refused.
            AtomicBoolean started = new AtomicBoolean();
            ChannelInboundHandlerAdapter notSharable = new ChannelInboundHandlerAdapter();
            Supplier<ChannelHandler> handlers = () -> started.get() ? notSharable : new ChannelInboundHandlerAdapter();
            Server server = start(lines().with(Stage.netty(Slot.WIRE, "one for all", handlers))
                    .reply(message -> message));

            started.set(true);
            StreamPeer served = dial(server);
            served.say("hello");
            assertThat(served.hear()).isEqualTo("hello");
            StreamPeer second = dial(server);
            try {
                second.say("hello");
                assertThat(second.hear()).isNull();
            } catch (IOException cut) {
                // Or so.
            }
            served.say("still here");
            assertThat(served.hear()).isEqualTo("still here");
            assertThat(log.warnings()).hasSize(1);
        }
    }

    @Test
    void aStageInTheWrongPlaceIsABadSetting() {
        assertThatThrownBy(() -> start(lines().with(Stage.netty(Slot.LIMIT, "misplaced", ChannelDuplexHandler::new))
                        .reply(message -> message)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "misplaced in slot: LIMIT (expected: one of ADMISSION, PREFACE, PEER, LIVENESS, SECURITY, WIRE, FRAMING, PRESSURE)");
    }
}

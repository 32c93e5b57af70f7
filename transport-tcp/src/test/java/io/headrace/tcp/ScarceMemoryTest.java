package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.CloseReason;
import io.headrace.Codec;
import io.headrace.Endpoint;
import io.headrace.LogCapture;
import io.headrace.Server;
import io.headrace.Slot;
import io.headrace.Stage;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Direct memory runs out while one connection is read or written: that one ends, and nothing else. */
class ScarceMemoryTest extends StreamTest {

    /** Says what the JDK says. */
    private static OutOfMemoryError noMemory() {
        return new OutOfMemoryError("Cannot reserve 65536 bytes of direct buffer memory (in a test)");
    }

    private static final class Empty extends AbstractByteBufAllocator {
        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
            throw noMemory();
        }

        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            throw noMemory();
        }

        @Override
        public boolean isDirectBufferPooled() {
            return true; // So that Netty asks for memory here, and not for some of its own.
        }
    }

    /** Leaves the first channel without memory from the start, for reading and for writing. */
    @Sharable
    private static final class StarvesTheFirst extends ChannelInboundHandlerAdapter {
        private final AtomicInteger connections = new AtomicInteger();

        @Override
        public void channelActive(ChannelHandlerContext ctx) throws Exception {
            if (connections.getAndIncrement() == 0) {
                ctx.channel().config().setAllocator(new Empty());
            }
            super.channelActive(ctx);
        }
    }

    private static Stage<Channel> starvesTheFirst() {
        StarvesTheFirst handler = new StarvesTheFirst();
        return Stage.netty(Slot.WIRE, "starved", () -> handler);
    }

    private void serves(Server server) throws Exception {
        StreamPeer bystander = dial(server);
        bystander.say("ping");
        assertThat(bystander.hear()).isEqualTo("ping");
    }

    @Test
    void whoCannotBeReadIsGivenUpAndTheOthersAreServed() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            Server server = start(linesOnOneLoop().with(starvesTheFirst()).reply(message -> message));

            StreamPeer starved = dial(server);
            starved.say("hello");
            awaitReasons(CloseReason.OOM_DIRECT);
            serves(server);
            assertThat(log.warnings()).hasSize(1);
            assertThat(log.warnings().get(0)).contains("oom_direct");
        }
    }

    /** A read that fails is often followed by another, before the socket is gone. */
    @Test
    void whoIsGivenUpTwiceIsToldOnce() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            Server server = start(linesOnOneLoop().sessions(connection -> message -> {
                connection.close(CloseReason.OOM_DIRECT);
                connection.close(CloseReason.OOM_DIRECT);
            }));

            dial(server).say("one");
            awaitReasons(CloseReason.OOM_DIRECT);
            clock.advance(Duration.ofSeconds(11));
            dial(server).say("another");
            awaitReasons(CloseReason.OOM_DIRECT, CloseReason.OOM_DIRECT);
            assertThat(log.warnings()).hasSize(2).noneMatch(line -> line.contains("more since"));
        }
    }

    @Test
    void whoseAnswerHasNoRoomIsGivenUpAndTheOthersAreServed() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            Server server = start(linesOnOneLoop().codec(new Picky()).reply(message -> message));

            StreamPeer starved = dial(server);
            starved.say("too long");
            awaitReasons(CloseReason.OOM_DIRECT);
            serves(server);
            assertThat(log.warnings()).hasSize(1);
        }
    }

    @Test
    void whoseMessageHasNoRoomIsGivenUpAndTheOthersAreServed() throws Exception {
        Server server = start(linesOnOneLoop().codec(new Picky()).reply(message -> message));

        StreamPeer starved = dial(server);
        starved.say("much too long");
        awaitReasons(CloseReason.OOM_DIRECT);
        serves(server);
    }

    /** Text, for which memory is there as long as it is short. */
    private static final class Picky implements Codec<String, String> {
        @Override
        public String decode(ByteBuf frame) {
            if (frame.readableBytes() > 8) {
                throw noMemory();
            }
            return frame.toString(StandardCharsets.UTF_8);
        }

        @Override
        public void encode(String message, ByteBuf out) {
            if (message.length() > 4) {
                throw noMemory();
            }
            out.writeCharSequence(message, StandardCharsets.UTF_8);
        }
    }

    @Test
    void whatCannotBeFramedIsReleasedAndItsConnectionGivenUp() throws Exception {
        Server server = start(linesOnOneLoop().with(starvesTheFirst()).sessions(connection -> {
            connection.send("x".repeat(10_000));
            return message -> connection.send(message);
        }));

        dial(server);
        awaitReasons(CloseReason.OOM_DIRECT);
        StreamPeer bystander = dial(server);
        assertThat(bystander.hear()).hasSize(10_000);
    }
}

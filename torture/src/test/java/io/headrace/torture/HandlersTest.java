package io.headrace.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headrace.ChannelStage;
import io.headrace.Server;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.Stage;
import io.headrace.tcp.Tcp;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** J2 and J3: Netty handlers of the application's own. */
class HandlersTest extends Case {
    private static final int ROUNDS = 200;

    @Row("J3")
    @Test
    void oneHandlerForAllConnectionsIsRefusedBeforeAnythingListens() throws Exception {
        LocalServer server = serve(ground -> ground.lines().reply(line -> line)); // For the universal check.
        int before = server.descriptors();
        ChannelInboundHandlerAdapter mine = new ChannelInboundHandlerAdapter();
        assertThatThrownBy(() -> Server.start(Tcp.listen(0)
                        .with(Stage.netty(Slot.WIRE, "mine", () -> mine))
                        .reply(bytes -> bytes)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("handler 'mine': the same instance twice");
        assertThat(server.descriptors()).isEqualTo(before);
        assertThat(dial(server).say("Ada\n").line()).isEqualTo("Ada");
    }

    /** Marks what is written. */
    private static final class Mark extends ChannelOutboundHandlerAdapter {
        private final int version;

        Mark(int version) {
            this.version = version;
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object bytes, ChannelPromise promise) {
            ByteBuf mark = Unpooled.copiedBuffer(version + " ", java.nio.charset.StandardCharsets.US_ASCII);
            ctx.write(Unpooled.wrappedBuffer(mark, (ByteBuf) bytes), promise);
        }
    }

    /** Reads the settings once for each connection, and hangs two handlers on its line that must agree. */
    private record Marks(AtomicInteger settings) implements ChannelStage<Channel> {
        @Override
        public Slot slot() {
            return Slot.WIRE;
        }

        @Override
        public PerLoop<Channel> open(Site site) {
            return loop -> (channel, line) -> {
                int version = settings.get();
                line.add("mark-1", new Mark(version));
                line.add("mark-2", new Mark(version));
            };
        }
    }

    @Row("J2")
    @Test
    void eachConnectionKeepsTheSettingsItBeganWith() throws Exception {
        AtomicInteger settings = new AtomicInteger();
        LocalServer server =
                serve(ground -> ground.lines().with(new Marks(settings)).reply(line -> line));
        List<Peer> peers = new ArrayList<>();
        List<String> marks = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            settings.incrementAndGet();
            Peer peer = dial(server);
            settings.incrementAndGet(); // Before or after its line is laid: one or the other, but one.
            String answer = peer.say("first\n").line();
            String version = answer.substring(0, answer.indexOf(' '));
            assertThat(answer).isEqualTo(version + " " + version + " first");
            assertThat(Integer.parseInt(version)).isBetween(2 * i + 1, 2 * i + 2);
            peers.add(peer);
            marks.add(version + " " + version + " ");
        }
        for (int i = 0; i < ROUNDS; i++) {
            assertThat(peers.get(i).say("later\n").line()).isEqualTo(marks.get(i) + "later");
        }
    }

    /** Where the application can reach it. */
    private record Reach(AtomicReference<ChannelHandlerContext> context) {
        ChannelInboundHandlerAdapter handler() {
            return new ChannelInboundHandlerAdapter() {
                @Override
                public void channelActive(ChannelHandlerContext ctx) {
                    context.set(ctx);
                    ctx.fireChannelActive();
                }
            };
        }
    }

    @Row("J2")
    @Test
    void handlersThatComeAndGoUnderTrafficLoseNothing() throws Exception {
        Reach reach = new Reach(new AtomicReference<>());
        LocalServer server = serve(ground -> ground.lines()
                .with(Stage.netty(Slot.WIRE, "reach", reach::handler))
                .reply(line -> line));
        Peer peer = dial(server);
        await().until(() -> reach.context().get() != null);
        ChannelHandlerContext line = reach.context().get();
        Thread changing = new Thread(() -> {
            for (int i = 0; i < ROUNDS; i++) {
                line.pipeline().addBefore(line.name(), "passing-" + i, new ChannelInboundHandlerAdapter());
                line.pipeline().addBefore(line.name(), "marking-" + i, new Mark(7));
                line.pipeline().remove("passing-" + i);
                line.pipeline().remove("marking-" + i);
            }
        });
        changing.start();
        int said = 0;
        int marked = 0;
        while (changing.isAlive() || said < ROUNDS) {
            String answer = peer.say("line " + said + "\n").line();
            assertThat(answer).isIn("line " + said, "7 line " + said);
            marked += answer.startsWith("7") ? 1 : 0;
            said++;
        }
        changing.join();
        assertThat(marked).isLessThanOrEqualTo(said);
        assertThat(peer.say("after\n").line()).isEqualTo("after");
    }
}

package io.headrace.bench;

import io.headrace.Exchange;
import io.headrace.Handler;
import io.headrace.LoopSite;
import io.headrace.Loops;
import io.headrace.MessageStage;
import io.headrace.Server;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.Stage;
import io.headrace.bench.netty.RawBackend;
import io.headrace.tcp.Tcp;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Echo from read to write, measured as every {@link LoopbackBenchmark} is: what one message costs, and what it costs more with four
 * extra stages on the line. Two of them stand in the pipeline and two wrap the handler; raw Netty gets four handlers in the pipeline,
 * the one way it has.
 */
public class EchoBenchmark extends LoopbackBenchmark {
    private static final int MESSAGE_BYTES = 64;

    @Param({"0", "4"})
    public int stages;

    private AutoCloseable serving;
    private EchoClient client;

    @Setup
    public void start() throws Exception {
        int port = server.equals(NETTY) ? startNetty() : startHeadrace();
        client = EchoClient.tcp(port, MESSAGE_BYTES);
    }

    private int startNetty() throws Exception {
        ChannelHandler[] line = new ChannelHandler[stages + 1];
        Arrays.fill(line, new PassOn());
        line[stages] = new RawNetty.Echo();
        RawNetty netty = new RawNetty(RawBackend.valueOf(backend(transport).name()), 1, Serving.LOOP_NAME);
        serving = netty;
        return ((InetSocketAddress) netty.listen(new InetSocketAddress("127.0.0.1", 0), line)).getPort();
    }

    private int startHeadrace() {
        var setup = Tcp.listen(0).loops(Loops.of(backend(transport)).threads(1).named(Serving.LOOP_NAME));
        if (server.equals(HEADRACE_BARE)) {
            setup = setup.bare();
        }
        for (int i = 0; i < stages; i++) {
            setup = i % 2 == 0
                    ? setup.with(Stage.netty(Slot.WIRE, "pass-on-" + i, PassOn::new))
                    : setup.with(new HandOn("hand-on-" + i));
        }
        Server headrace = setup.reply(bytes -> bytes).start();
        serving = headrace;
        return headrace.port();
    }

    @Benchmark
    public void echo() throws IOException {
        client.roundTrip();
    }

    @TearDown
    public void stop() throws Exception {
        client.close();
        serving.close();
    }

    /** Sees every message in both directions, and leaves it alone. Netty would skip a handler that overrides neither method. */
    @Sharable
    private static final class PassOn extends ChannelDuplexHandler {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.fireChannelRead(message);
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            ctx.write(message, promise);
        }
    }

    /** Wraps the handler, and leaves every message alone. */
    private record HandOn(Object kind) implements MessageStage {
        @Override
        public Slot slot() {
            return Slot.LIMIT;
        }

        @Override
        public PerLoop open(Site site) {
            return HandOn::around;
        }

        private static Handler<Object, Object> around(Handler<Object, Object> next, LoopSite loop) {
            return new Handler<>() {
                @Override
                public void handle(Object message, Exchange<Object> exchange) throws Exception {
                    next.handle(message, exchange);
                }

                @Override
                public boolean holdsExchange() {
                    return next.holdsExchange();
                }
            };
        }
    }
}

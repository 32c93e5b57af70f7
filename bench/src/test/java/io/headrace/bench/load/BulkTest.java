package io.headrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.bench.netty.RawBackend;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BulkTest {
    private static final int UNDER_WAY = 64 * 1_024 + 16 * 1_024;

    @ParameterizedTest
    @MethodSource("io.headrace.bench.load.ModesTest#backends")
    void upCountsWhatTheServerTook(RawBackend backend) {
        AtomicLong took = new AtomicLong();
        try (Served server = Served.tcp(() -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                took.addAndGet(((ByteBuf) message).readableBytes());
                ((ByteBuf) message).release();
            }
        })) {
            Loading loading = Loading.of(
                    "bulk -c 2 -d 1s --warmup 0s --quiet --slo sent>1 --json - --transport " + backend, server);
            long sent = loading.report().total().count(Count.BYTES_SENT);

            assertThat(loading.status()).isZero();
            assertThat(sent).isGreaterThan(1_000_000);
            // What it had not read when we closed, it does not count.
            await().until(() -> took.get() > 0);
            assertThat(took.get()).isLessThanOrEqualTo(sent);
            assertThat(loading.report().total().count(Count.BYTES_RECEIVED)).isZero();
        }
    }

    @Test
    void aServerThatTakesNothingTakesWhatItsBuffersHold() {
        try (Served server = Served.tcp(() -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext ctx) {
                ctx.channel().config().setAutoRead(false);
            }
        })) {
            Report report = Loading.report("bulk -c 1 -d 3s --interval 1s", server);

            long last = report.intervals().get(2).slice().count(Count.BYTES_SENT);
            assertThat(report.intervals().get(0).slice().count(Count.BYTES_SENT))
                    .isGreaterThan(UNDER_WAY);
            assertThat(last).isLessThanOrEqualTo(UNDER_WAY);
        }
    }

    @Test
    void downCountsWhatTheServerSends() {
        AtomicLong said = new AtomicLong();
        try (Served server = Served.tcp(() -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext ctx) {
                Future<?> saying = ctx.executor().scheduleAtFixedRate(() -> say(ctx), 0, 10, TimeUnit.MILLISECONDS);
                ctx.channel().closeFuture().addListener(closed -> saying.cancel(false));
            }

            private void say(ChannelHandlerContext ctx) {
                said.addAndGet(10_000);
                ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[10_000]));
            }
        })) {
            Report report = Loading.report("bulk --direction down -c 3 -d 2s", server);

            assertThat(report.total().count(Count.BYTES_RECEIVED)).isBetween(30_000L, said.get());
            assertThat(report.total().count(Count.BYTES_SENT)).isZero();
        }
    }

    @Test
    void bothNeedsBytesBack() {
        try (Served server = Served.tcp(Served::echo)) {
            Loading loading = Loading.of("bulk --direction both -c 1 -d 300ms --warmup 0s --quiet --json -", server);

            assertThat(loading.status()).isZero();
            assertThat(loading.report().total().count(Count.BYTES_RECEIVED)).isPositive();
            assertThat(Loading.of("bulk --direction down -c 1 -d 100ms --warmup 0s --quiet", server)
                            .status())
                    .isEqualTo(1);
        }
        CommandLineError.expect(
                "bulk --direction in tcp://127.0.0.1:1", "--direction: in (expected: up, down or both)");
    }
}

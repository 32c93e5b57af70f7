package io.headrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What began in the warm-up is in no total. */
class WarmUpTest {

    /** Of a run whose only connection is refused once, before the load begins. */
    private static Report refusedOnce(String warmup) {
        Flow.Kind flows = (lane, index) -> new Mute(lane) {
            @Override
            public void open() {
                lane.now().error(ErrorKind.REFUSED, 1, "refused");
                super.open();
            }
        };
        Plan plan = Plans.rate(flows, "100", "-c 1 -d 100ms --warmup " + warmup, "tcp://127.0.0.1:1");
        return new Run(plan, interval -> {}).go();
    }

    @Test
    void refusalBeforeTheLoadBeginsIsInTheWarmUp() {
        Report report = refusedOnce("100ms");

        assertThat(report.total().errors()).isEmpty();
        assertThat(report.intervals().get(0).warm()).isTrue();
        assertThat(report.intervals().get(0).slice().errors()).containsKey(ErrorKind.REFUSED);
    }

    @Test
    void refusalBeforeTheLoadBeginsCountsWhereThereIsNoWarmUp() {
        assertThat(refusedOnce("0s").total().allErrors()).isEqualTo(1);
    }

    @Test
    void nothingIsAskedBeforeTheMomentToStartAt() {
        AtomicReference<Instant> first = new AtomicReference<>();
        try (Served server = Served.tcp(() -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                first.compareAndSet(null, Instant.now());
                ctx.writeAndFlush(message);
            }
        })) {
            Instant startAt = Instant.now().plusSeconds(3);
            Report report = Loading.report("rate -R 100 -d 2s --start-at " + startAt, server);

            assertThat(report.started()).isEqualTo(startAt);
            assertThat(report.total().count(Count.ANSWERED)).isPositive();
            assertThat(first.get()).isAfter(startAt.minusMillis(10));
        }
    }

    @Test
    void connectionsThatARunBeginsWithAreItsOwn() {
        try (Served server = Served.tcp(Served::echo)) {
            Slice total = Loading.of("echo -c 3 -d 100ms --warmup 100ms --quiet --json -", server)
                    .report()
                    .total();

            assertThat(total.count(Count.OPENED)).isEqualTo(3);
            assertThat(total.histogram(Timing.CONNECT).getTotalCount()).isEqualTo(3);
            assertThat(total.count(Count.CLOSED_BY_US)).isEqualTo(3);
        }
    }

    @Test
    void connectionIsClosedInTheTotalInWhichItWasOpened() {
        // It takes longer than the warm-up: the first one ends in the time that counts.
        try (Served server = Served.tcp(() -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext ctx) {
                ctx.executor()
                        .schedule(
                                () -> ctx.writeAndFlush(Unpooled.copyInt(1)).addListener(ChannelFutureListener.CLOSE),
                                300,
                                TimeUnit.MILLISECONDS);
            }
        })) {
            Slice total = Loading.of("connect -c 1 -d 1s --warmup 100ms --quiet --json -", server)
                    .report()
                    .total();

            assertThat(total.count(Count.ANSWERED)).isPositive();
            assertThat(total.count(Count.CLOSED_BY_SERVER)).isEqualTo(total.count(Count.ANSWERED));
            assertThat(total.count(Count.OPENED))
                    .isEqualTo(total.count(Count.CLOSED_BY_SERVER) + total.count(Count.CLOSED_BY_US));
        }
    }
}

package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.ChannelStage;
import io.headrace.CloseReason;
import io.headrace.Endpoint;
import io.headrace.Gate;
import io.headrace.LogCapture;
import io.headrace.Meter;
import io.headrace.Newcomer;
import io.headrace.Refusal;
import io.headrace.RejectReason;
import io.headrace.Server;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.Stage;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Gates, stages and handlers that throw cost one peer, and nobody else. */
class FaultyStagesTest extends GatedTest {

    @Test
    void aGateThatThrowsRefusesAndOthersAreServed() throws Exception {
        AtomicInteger turn = new AtomicInteger();
        ChannelStage<Channel> faulty = new ChannelStage<>() {
            @Override
            public Slot slot() {
                return Slot.PEER;
            }

            @Override
            public PerLoop<Channel> open(Site site) {
                site.admit(newcomer -> {
                    if (turn.getAndIncrement() % 2 == 0) {
                        throw new IllegalStateException("a bug");
                    }
                    return null;
                });
                return loop -> ChannelStage.nothing();
            }
        };
        Server server = start(lines().with(faulty).with(ConnectionLimit.of(1)).reply(message -> message));

        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            assertThat(dial(server).hear()).isNull();
            admitted(server, 1); // The place that the first had taken is free again.
            assertThat(log.warnings()).hasSize(2).anyMatch(line -> line.contains("gate: while letting in "));
        }
        assertThat(rejected(RejectReason.GATE_FAILED)).isEqualTo(1);
    }

    @Test
    void aGateThatThrowsWhenSomebodyLeavesTakesNoPlaces() throws Exception {
        ChannelStage<Channel> faulty = new ChannelStage<>() {
            @Override
            public Slot slot() {
                return Slot.ADMISSION;
            }

            @Override
            public PerLoop<Channel> open(Site site) {
                site.admit(new Gate() {
                    @Override
                    public RejectReason refuses(Newcomer newcomer) {
                        return null;
                    }

                    @Override
                    public void left(Newcomer newcomer, CloseReason reason) {
                        throw new IllegalStateException("a bug");
                    }
                });
                return loop -> ChannelStage.nothing();
            }
        };
        Server server = start(lines().with(faulty)
                .with(ConnectionLimit.of(1).refusing(Refusal.waiting()))
                .reply(message -> message));

        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            for (int i = 0; i < 3; i++) {
                admitted(server, 1).get(0).close();
                int ended = i + 1;
                await().until(() -> lives.reasons().size() == ended);
            }
            await().untilAsserted(() -> assertThat(log.warnings()).anyMatch(line -> line.contains("gate: while ")));
        }
    }

    /** A handler that knows whether it is on a line. */
    private static final class Counted extends ChannelInboundHandlerAdapter {
        private final AtomicInteger onLine;

        Counted(AtomicInteger onLine) {
            this.onLine = onLine;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            onLine.incrementAndGet();
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext ctx) {
            onLine.decrementAndGet();
        }
    }

    private void whereOneOfThreeFailsOthersAreServed(Supplier<ChannelHandler> faulty) throws Exception {
        AtomicInteger turn = new AtomicInteger();
        AtomicInteger onLine = new AtomicInteger();
        Server server = start(lines().loops(loops.threads(1))
                .with(Stage.netty(Slot.WIRE, "counted", () -> new Counted(onLine)))
                .with(Stage.netty(
                        Slot.WIRE,
                        "faulty",
                        () -> turn.getAndIncrement() % 3 == 0 ? faulty.get() : new ChannelInboundHandlerAdapter()))
                .with(ConnectionLimit.of(2))
                .reply(message -> message));
        turn.set(0); // It is asked at the start, too.

        try (LogCapture log = LogCapture.of(Endpoint.class);
                LogCapture netty = LogCapture.of(ChannelInitializer.class)) {
            for (int i = 0; i < 4; i++) {
                StreamPeer failed = dial(server);
                assertThat(failed.receiveAll()).isEmpty();
                failed.close();
                int failures = i + 1;
                await().until(() -> closed(CloseReason.HANDLER_FAILED) == failures);
                for (StreamPeer peer : admitted(server, 2)) {
                    peer.close();
                }
                int ended = 3 * (i + 1);
                await().until(() -> lives.reasons().size() == ended);
            }
            assertThat(log.warnings().size() + netty.warnings().size()).isPositive();
        }
        assertThat(closed(CloseReason.HANDLER_FAILED)).isEqualTo(4);
        assertThat(total(Meter.CONNECTIONS_ACCEPTED)).isEqualTo(12);
        await().untilAsserted(() -> assertThat(onLine).hasValue(0));
    }

    @Test
    void aStageThatThrowsEndsItsConnectionOnly() throws Exception {
        whereOneOfThreeFailsOthersAreServed(() -> {
            throw new IllegalStateException("a bug");
        });
    }

    @Test
    void anInitializerThatThrowsEndsItsConnectionOnly() throws Exception {
        whereOneOfThreeFailsOthersAreServed(() -> new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                throw new IllegalStateException("a bug");
            }
        });
    }

    @Test
    void aHandlerThatThrowsWhenItIsAddedEndsItsConnectionOnly() throws Exception {
        whereOneOfThreeFailsOthersAreServed(() -> new ChannelInboundHandlerAdapter() {
            @Override
            public void handlerAdded(ChannelHandlerContext ctx) {
                throw new IllegalStateException("a bug");
            }
        });
    }
}

package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.Application;
import io.headrace.Exchange;
import io.headrace.Loops.Backend;
import io.headrace.Meter;
import io.headrace.Plan;
import io.headrace.Server;
import io.headrace.stage.Metrics;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DuplexChannel;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Meters that nobody counts: the system knows, or the drain does. */
class ListenQueueTest extends StreamTest {

    private DrivenListener bind(int backlog) throws Exception {
        Assumptions.assumeTrue(medium.family() == Medium.Family.TCP && medium.backend() != Backend.NIO);
        TcpSockets sockets =
                new TcpSockets(List.of(new TcpAddress("127.0.0.1", 0)), true, TcpOptions.DEFAULTS.backlog(backlog));
        Plan<DuplexChannel, ByteBuf, Object> plan =
                Medium.plan(sockets).loops(loops).with(Metrics.to(registry));
        return DrivenListener.bind(plan, Application.consume(message -> {}));
    }

    @Test
    void whoWaitsToBeAcceptedIsCounted() throws Exception {
        try (DrivenListener driven = bind(100)) {
            assertThat(total(Meter.LISTEN_QUEUE_LIMIT)).isEqualTo(100);
            assertThat(total(Meter.LISTEN_QUEUE)).isZero();
            for (int i = 0; i < 3; i++) {
                closing(medium.dial(driven.address()));
            }
            await().untilAsserted(() -> assertThat(total(Meter.LISTEN_QUEUE)).isEqualTo(3));
            driven.steps().accept();
            await().untilAsserted(() -> assertThat(total(Meter.LISTEN_QUEUE)).isZero());
            driven.steps().stopAccepting(PATIENCE.toNanos());
            assertThat(total(Meter.LISTEN_QUEUE)).isNaN(); // It may be another socket's number by now.
        }
    }

    @Test
    void whatDoesNotFitTheQueueOverflows() throws Exception {
        try (DrivenListener driven = bind(1)) {
            double before = total(Meter.LISTEN_OVERFLOWS);
            for (int i = 0; i < 8; i++) {
                SocketChannel channel = closing(SocketChannel.open());
                channel.configureBlocking(false);
                channel.connect((InetSocketAddress) driven.address());
            }
            await().untilAsserted(
                            () -> assertThat(total(Meter.LISTEN_OVERFLOWS)).isGreaterThan(before));
        }
    }

    @Test
    void onlyTcpServersHaveThem() {
        Server server = start(lines().reply(message -> message));
        boolean tcp = medium.family() == Medium.Family.TCP;
        assertThat(registry.find(Meter.LISTEN_QUEUE.id()).gauge() != null).isEqualTo(tcp);
        assertThat(server.ready()).isTrue();
    }

    @Test
    void whatIsLeftOfADrainIsSeenWhileItLasts() throws Exception {
        List<Exchange<String>> held = new CopyOnWriteArrayList<>();
        Server server = start(lines().handle((message, exchange) -> held.add(exchange)));
        StreamPeer peer = dial(server);
        peer.say("hold");
        StreamPeer idle = dial(server);
        await().until(() -> held.size() == 1 && lives.begun() == 2);
        assertThat(total(Meter.DRAIN_REMAINING)).isZero();
        assertThat(total(Meter.DRAIN_DURATION)).isZero();

        CompletableFuture<?> stopped = server.stop(PATIENCE);
        assertThat(idle.hear()).isNull();
        idle.close();
        await().untilAsserted(() -> assertThat(total(Meter.DRAIN_REMAINING)).isEqualTo(1));
        assertThat(total(Meter.DRAIN_DURATION)).isPositive();
        held.get(0).reply("done");
        assertThat(peer.hear()).isEqualTo("done");
        assertThat(peer.hear()).isNull();
        peer.close();
        get(stopped);
        assertThat(registry.getMeters()).isEmpty();
    }
}

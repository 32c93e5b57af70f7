package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.ChannelStage;
import io.headrace.CloseReason;
import io.headrace.RejectReason;
import io.headrace.Watch;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.internal.PlatformDependent;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What bounds the memory of all connections together, without sockets. */
class MemoryBoundsTest {
    private final OpenedGate site = new OpenedGate();
    private final FakeLoopSite one = new FakeLoopSite();
    private final FakeLoopSite other = new FakeLoopSite();

    private void open(ChannelStage<DuplexChannel> stage) {
        ChannelStage.PerLoop<DuplexChannel> open = stage.open(site);
        open.onLoop(one);
        open.onLoop(other);
    }

    private void turns() {
        for (int i = 0; i < 4; i++) {
            one.turn();
            other.turn();
        }
    }

    // ---- OutboundBudget

    @Test
    void theDefaultIsHalfOfTheProcessesDirectMemory() {
        assertThat(OutboundBudget.shared()).isSameAs(OutboundBudget.shared()).hasToString("OutboundBudget shared");
        assertThat(OutboundBudget.shared().bytes()).isEqualTo(PlatformDependent.maxDirectMemory() / 2);
    }

    @Test
    void theWorstOfAllLoopsIsCutOff() {
        OutboundBudget budget = OutboundBudget.of(1_000);
        open(budget);
        FakeLoopSite.Waiting small = one.connection();
        FakeLoopSite.Waiting worst = other.connection();
        FakeLoopSite.Waiting last = one.connection();

        small.queue(300);
        worst.queue(500);
        last.queue(200);
        turns();
        assertThat(worst.closedFor).isNull();
        last.queue(100);
        turns();
        assertThat(worst.closedFor).isEqualTo(CloseReason.OUTBOUND_BUDGET);
        assertThat(small.closedFor).isNull();
        assertThat(last.closedFor).isNull();
        assertThat(budget.pendingBytes()).isEqualTo(600);
    }

    @Test
    void aLoopShedsAloneWhileAnotherIsBlocked() {
        open(OutboundBudget.of(1_000));
        FakeLoopSite.Waiting here = one.connection();
        FakeLoopSite.Waiting onBlockedLoop = other.connection();

        here.queue(600);
        onBlockedLoop.queue(700);
        one.turn(); // The other one never answers.
        one.sweep(1);
        assertThat(here.closedFor).isNull();
        one.sweep(2);
        assertThat(here.closedFor).isEqualTo(CloseReason.OUTBOUND_BUDGET);
    }

    @Test
    void whatAStoppedEndpointHeldIsGivenBack() throws Exception {
        OutboundBudget budget = OutboundBudget.of(1_000);
        open(budget);
        one.connection().queue(300);
        other.connection().queue(200);

        assertThat(budget.pendingBytes()).isEqualTo(500);
        site.stop();
        assertThat(budget.pendingBytes()).isZero();
    }

    // ---- MemoryPressure

    @Test
    void memoryThatRunsShortIsGivenBackInSteps() {
        AtomicLong used = new AtomicLong(79);
        open(MemoryPressure.of(used::get, 100));
        FakeLoopSite.Waiting small = one.connection();
        FakeLoopSite.Waiting worst = one.connection();
        one.watch(new Watch() {});
        small.queue(10);
        worst.queue(20);

        one.sweep(0);
        assertThat(one.hurry).isEqualTo(1);
        used.set(80);
        one.sweep(1_000_000_000L);
        assertThat(one.hurry).isEqualTo(4);
        assertThat(site.ask("127.0.0.2")).isNull();
        used.set(92);
        one.sweep(2_000_000_000L);
        assertThat(site.ask("127.0.0.2")).isEqualTo(RejectReason.MEMORY);
        assertThat(worst.closedFor).isNull();
        used.set(95);
        one.sweep(3_000_000_000L);
        assertThat(worst.closedFor).isEqualTo(CloseReason.MEMORY_PRESSURE);
        assertThat(small.closedFor).isNull();
        used.set(74);
        one.sweep(4_000_000_000L);
        assertThat(one.hurry).isEqualTo(1);
        assertThat(site.ask("127.0.0.2")).isNull();
    }
}

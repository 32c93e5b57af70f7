package io.headrace.tcp;

import io.headrace.ChannelStage;
import io.headrace.CloseReason;
import io.headrace.Gate;
import io.headrace.LoopSite;
import io.headrace.Meter;
import io.headrace.Newcomer;
import io.headrace.Problems;
import io.headrace.Refusal;
import io.headrace.RejectReason;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.Stage;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.internal.PlatformDependent;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives way in steps when direct memory runs short, before an allocation fails.
 *
 * <pre>
 *  RELAXED --80 %--> SHORT --92 %--> SCARCE --95 %--> CRITICAL      back under 75, 87 and 90 %
 *                    clocks run      and nobody       and each loop's worst
 *                    4 times as fast is let in        connection is cut off
 * </pre>
 *
 * <p>Judged by the sweep, at most once a second for all that share the object, so it cannot flap faster; and it only comes back five points
 * below where it went. The clocks are first byte, idle, frame and write. Nobody is let in: peers wait in the system's queue. The worst is
 * the connection that holds most bytes, toward its peer and in a frame of its peer's that is not whole; it ends as {@link CloseReason#MEMORY_PRESSURE}, one on each loop a second. Each change of
 * the level is logged, and {@code headrace.memory.pressure} tells it. Shared by identity, as {@link OutboundBudget}.
 */
public final class MemoryPressure implements ChannelStage<DuplexChannel> {
    private static final Logger LOG = LoggerFactory.getLogger(MemoryPressure.class);
    private static final long ROUND_NS = TimeUnit.SECONDS.toNanos(1);
    private static final int HURRY = 4;
    private static final int HYSTERESIS = 5;

    /** How short memory is. */
    public enum Level {
        RELAXED(0),
        SHORT(80),
        SCARCE(92),
        CRITICAL(95);

        private final int percent;

        Level(int percent) {
            this.percent = percent;
        }
    }

    private final LongSupplier usedBytes;
    private final long limitBytes;
    private long judgedNs; // Guarded by this.
    private boolean judged;
    private volatile Level level = Level.RELAXED;

    private MemoryPressure(LongSupplier usedBytes, long limitBytes) {
        this.usedBytes = usedBytes;
        this.limitBytes = limitBytes;
    }

    /** One for the whole process: Netty's direct memory, less what its pool holds and nobody uses. */
    public static MemoryPressure shared() {
        return Shared.PRESSURE;
    }

    /** Of some other memory: {@code usedBytes} is asked once a second, by event loops. */
    public static MemoryPressure of(LongSupplier usedBytes, long limitBytes) {
        return new MemoryPressure(usedBytes, limitBytes);
    }

    /** Takes it off the line. */
    public static Stage<DuplexChannel> off() {
        return Stage.off(MemoryPressure.class);
    }

    private static final class Shared {
        private static final MemoryPressure PRESSURE =
                new MemoryPressure(Shared::usedBytes, PlatformDependent.maxDirectMemory());

        /** The pool keeps what it has once had: a burst that is over must not keep the door closed. */
        private static long usedBytes() {
            PooledByteBufAllocator pool = PooledByteBufAllocator.DEFAULT;
            return PlatformDependent.usedDirectMemory() - pool.metric().usedDirectMemory() + pool.pinnedDirectMemory();
        }
    }

    /** How short memory is now. Any thread. */
    public Level level() {
        return level;
    }

    @Override
    public Slot slot() {
        return Slot.ADMISSION;
    }

    @Override
    public void check(Problems problems) {
        problems.expect(limitBytes >= 1, "MemoryPressure.limitBytes", limitBytes, ">= 1");
    }

    @Override
    public PerLoop<DuplexChannel> open(Site site) {
        site.admit(new Door());
        site.reading(Meter.MEMORY_PRESSURE, () -> level.ordinal());
        return loop -> {
            site.onStop(loop.onSweep(Duration.ofNanos(ROUND_NS), new Part(loop)::round)::run);
            return ChannelStage.nothing();
        };
    }

    /** At most once a second; two clocks that differ only make it judge once more. */
    private synchronized Level judge(long nowNs) {
        long sinceNs = nowNs - judgedNs;
        if (!judged || sinceNs >= ROUND_NS || sinceNs < 0) {
            judged = true;
            judgedNs = nowNs;
            long percent = usedBytes.getAsLong() * 100 / limitBytes;
            Level next = next(percent);
            if (next != level) {
                LOG.warn("direct memory: {} % of {} bytes in use: {} after {}", percent, limitBytes, next, level);
                level = next;
            }
        }
        return level;
    }

    private Level next(long percent) {
        Level next = Level.RELAXED;
        for (Level each : Level.values()) {
            int bound = each.compareTo(level) <= 0 ? each.percent - HYSTERESIS : each.percent;
            if (percent >= bound) {
                next = each;
            }
        }
        return next;
    }

    @Override
    public String toString() {
        return this == Shared.PRESSURE ? "MemoryPressure shared" : "MemoryPressure of " + limitBytes;
    }

    /** Lets nobody in while memory is scarce. */
    private final class Door implements Gate {
        @Override
        public RejectReason refuses(Newcomer newcomer) {
            return level.compareTo(Level.SCARCE) < 0 ? null : RejectReason.MEMORY;
        }

        @Override
        public Refusal refusal() {
            return Refusal.waiting();
        }
    }

    /** One endpoint on one loop. Event loop only. */
    private final class Part {
        private final LoopSite loop;
        private final Heaviest heaviest;

        Part(LoopSite loop) {
            this.loop = loop;
            this.heaviest = new Heaviest(loop::visit, progress -> progress.pendingBytes() + progress.frameBytes());
        }

        void round(long nowNs) {
            Level now = judge(nowNs);
            loop.hurry(now == Level.RELAXED ? 1 : HURRY);
            if (now == Level.CRITICAL) {
                shedWorst();
            }
        }

        private void shedWorst() {
            heaviest.look();
            if (heaviest.bytes() > 0) {
                heaviest.take().close(CloseReason.MEMORY_PRESSURE);
            }
            heaviest.forget();
        }
    }
}

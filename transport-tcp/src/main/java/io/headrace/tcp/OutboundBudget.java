package io.headrace.tcp;

import io.headrace.ChannelStage;
import io.headrace.CloseReason;
import io.headrace.LoopSite;
import io.headrace.Problems;
import io.headrace.Progress;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.Stage;
import io.headrace.Watch;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.internal.PlatformDependent;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds what is queued toward all peers together: of all endpoints and clients that were given the same object.
 *
 * <p>What is over the budget is shed at once, not at the next sweep: the connection toward which most bytes wait is cut off as {@link
 * CloseReason#OUTBOUND_BUDGET}, on whichever loop it is, then the next, until the rest fits. Loops count in plain fields and tell each
 * other in steps, so the bound holds to within 64 KiB (or a 64th of the budget, if that is less) for each loop of each endpoint, and 4 KiB
 * for each connection with a batch that is not flushed. A buffer counts whole until the last of it has left.
 *
 * <p>Shared by identity: {@link #of} makes one of its own, and the default is one per process, half of the direct memory that Netty may
 * take.
 */
public final class OutboundBudget implements ChannelStage<DuplexChannel> {
    private static final int MAX_STEP_BYTES = 64 * 1_024;
    private static final Duration ROUND = Duration.ofSeconds(1);

    private final String name;
    private final long bytes;
    private final long stepBytes;
    private final AtomicLong pending = new AtomicLong();
    private final AtomicBoolean shedding = new AtomicBoolean();
    private final List<Share> shares = new CopyOnWriteArrayList<>();

    private OutboundBudget(long bytes, String name) {
        this.bytes = bytes;
        this.name = name;
        this.stepBytes = Math.max(1, Math.min(MAX_STEP_BYTES, bytes / 64));
    }

    /** So many bytes, for all endpoints and clients that get this very object. */
    public static OutboundBudget of(long bytes) {
        return new OutboundBudget(bytes, "OutboundBudget " + bytes);
    }

    /** The default: one for the whole process, half of the direct memory that Netty may take. */
    public static OutboundBudget shared() {
        return Shared.BUDGET;
    }

    /** Takes the default off the line. */
    public static Stage<DuplexChannel> off() {
        return Stage.off(OutboundBudget.class);
    }

    private static final class Shared {
        private static final Logger LOG = LoggerFactory.getLogger(OutboundBudget.class);
        private static final OutboundBudget BUDGET = half(PlatformDependent.maxDirectMemory());

        private static OutboundBudget half(long directBytes) {
            LOG.info(
                    "outbound budget of the process: {} bytes = direct memory limit {} / 2 (-XX:MaxDirectMemorySize)",
                    directBytes / 2,
                    directBytes);
            return new OutboundBudget(directBytes / 2, "OutboundBudget shared");
        }
    }

    /** How many bytes may wait. */
    public long bytes() {
        return bytes;
    }

    /** How many bytes wait, as far as the loops have told. Any thread. */
    public long pendingBytes() {
        return pending.get();
    }

    @Override
    public Slot slot() {
        return Slot.PRESSURE;
    }

    @Override
    public void check(Problems problems) {
        problems.expect(bytes >= 1, "OutboundBudget.bytes", bytes, ">= 1");
    }

    @Override
    public PerLoop<DuplexChannel> open(Site site) {
        return loop -> {
            Share share = new Share(loop);
            shares.add(share);
            site.onStop(() -> {
                shares.remove(share);
                pending.addAndGet(-share.toldBytes);
            });
            loop.watch(share);
            site.onStop(loop.onSweep(ROUND, nowNs -> share.round())::run);
            return ChannelStage.nothing();
        };
    }

    private boolean spent() {
        return pending.get() > bytes;
    }

    /** Any loop's thread; whoever comes second leaves it to the first. */
    private void shed() {
        if (shedding.compareAndSet(false, true)) {
            AtomicInteger awaited = new AtomicInteger(1);
            for (Share share : shares) {
                awaited.incrementAndGet();
                boolean runs = share.run(() -> {
                    share.look();
                    looked(awaited);
                });
                if (!runs) {
                    looked(awaited);
                }
            }
            looked(awaited);
        }
    }

    /** When every loop has looked, the one with the worst connection cuts it off, and goes on while it has the worst. */
    private void looked(AtomicInteger awaited) {
        if (awaited.decrementAndGet() > 0) {
            return;
        }
        Share worst = null;
        long rivalBytes = 0;
        for (Share share : shares) {
            if (worst == null || share.worstBytes > worst.worstBytes) {
                rivalBytes = worst == null ? 0 : worst.worstBytes;
                worst = share;
            } else {
                rivalBytes = Math.max(rivalBytes, share.worstBytes);
            }
        }
        if (worst == null || worst.worstBytes == 0) {
            shedding.set(false);
            return;
        }
        Share first = worst;
        long atLeastBytes = rivalBytes;
        boolean runs = first.run(() -> {
            first.shed(atLeastBytes);
            shedding.set(false);
            if (spent()) {
                shed();
            }
        });
        if (!runs) {
            shedding.set(false);
        }
    }

    @Override
    public String toString() {
        return name;
    }

    /** One endpoint on one event loop. Event loop only, but for the volatile fields. */
    private final class Share implements Watch {
        private final LoopSite loop;
        private final Heaviest heaviest;
        private long waitingBytes;
        private volatile long toldBytes;
        private volatile long worstBytes;
        private boolean spentBefore;

        Share(LoopSite loop) {
            this.loop = loop;
            this.heaviest = new Heaviest(loop::visit, Progress::pendingBytes);
        }

        @Override
        public void pending(long more) {
            waitingBytes += more;
            long untold = waitingBytes - toldBytes;
            if (untold >= stepBytes || untold <= -stepBytes) {
                tell();
            }
        }

        private void tell() {
            long untold = waitingBytes - toldBytes;
            toldBytes = waitingBytes;
            if (pending.addAndGet(untold) > bytes && untold > 0) {
                OutboundBudget.this.shed();
            }
        }

        /** Sheds alone, if nobody else has: another loop may be blocked. */
        void round() {
            tell();
            if (spent() && spentBefore) {
                look();
                shed(0);
            }
            spentBefore = spent();
        }

        /** Finds the connections toward which most waits. */
        void look() {
            heaviest.look();
            worstBytes = heaviest.bytes();
            tell();
        }

        /** A few of them in one turn; whoever calls goes on when the loop has looked at its sockets. */
        void shed(long atLeastBytes) {
            while (spent() && heaviest.bytes() > 0 && heaviest.bytes() >= atLeastBytes) {
                heaviest.take().close(CloseReason.OUTBOUND_BUDGET);
            }
            heaviest.forget();
        }

        boolean run(Runnable task) {
            try {
                loop.eventLoop().execute(task);
                return true;
            } catch (RejectedExecutionException loopHasEnded) {
                return false;
            }
        }
    }
}

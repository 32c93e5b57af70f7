package io.headrace.tcp;

import io.headrace.Problems;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * So many connections for all endpoints that name this very object: shared by identity, as {@link io.headrace.Loops} are. Any thread.
 *
 * <p>An endpoint may reserve a part of it, {@link ConnectionLimit#reserve}: others cannot take that, however many peers they have. A
 * reserve holds from the start of its endpoint to its stop; what others had taken before stays theirs until it is closed.
 */
public final class ConnectionBudget {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionBudget.class);

    private final int connections;
    /** Taken from what nobody has reserved. */
    private final AtomicInteger common = new AtomicInteger();

    private volatile int reserved;

    private ConnectionBudget(int connections) {
        this.connections = connections;
    }

    public static ConnectionBudget of(int connections) {
        return new ConnectionBudget(connections);
    }

    /**
     * What this process can have: its limit of descriptors less 64, or less a tenth where that is more. Endpoints share it unless they name
     * another one. It is logged once.
     */
    public static ConnectionBudget ofProcess() {
        return OfProcess.BUDGET;
    }

    private static final class OfProcess {
        private static final ConnectionBudget BUDGET = of(possible());

        static {
            if (DescriptorLimit.get() == DescriptorLimit.UNKNOWN) {
                LOG.info("connections of this process: no limit, because its limit of descriptors is not known");
            } else {
                LOG.info(
                        "connections of this process: at most {} = {} descriptors - {}, which is max(64, 10 %)",
                        BUDGET.connections, DescriptorLimit.get(), DescriptorLimit.headroom());
            }
        }
    }

    /** How many connections this process has descriptors for. */
    static int possible() {
        return Math.max(1, DescriptorLimit.get() - DescriptorLimit.headroom());
    }

    /** How many there may be. */
    public int connections() {
        return connections;
    }

    void check(Problems problems) {
        problems.expect(connections >= 1, "ConnectionBudget.of", connections, ">= 1");
    }

    /** The part of one endpoint, with so many reserved for it until it is closed. */
    synchronized Share open(int reserve) {
        if (reserve > connections - reserved) {
            throw new IllegalArgumentException("ConnectionLimit.reserve: " + reserve + " (expected: <= "
                    + (connections - reserved) + ", which nobody has reserved of " + connections + ")");
        }
        reserved += reserve;
        return new Share(reserve);
    }

    private synchronized void close(int reserve) {
        reserved -= reserve;
    }

    private boolean takeCommon() {
        return take(common, connections - reserved);
    }

    /** Counts one more unless there are {@code max}: never, not even for a moment, more. */
    static boolean take(AtomicInteger counter, int max) {
        int taken;
        do {
            taken = counter.get();
            if (taken >= max) {
                return false;
            }
        } while (!counter.compareAndSet(taken, taken + 1));
        return true;
    }

    /** What one endpoint takes of it. Any thread. */
    final class Share implements AutoCloseable {
        private final int reserve;
        private int taken; // Guarded by this; counted only where something is reserved.

        private Share(int reserve) {
            this.reserve = reserve;
        }

        boolean take() {
            if (reserve == 0) {
                return takeCommon();
            }
            synchronized (this) {
                if (taken < reserve || takeCommon()) {
                    taken++;
                    return true;
                }
                return false;
            }
        }

        void giveBack() {
            if (reserve == 0) {
                common.decrementAndGet();
                return;
            }
            synchronized (this) {
                if (taken-- > reserve) {
                    common.decrementAndGet();
                }
            }
        }

        @Override
        public void close() {
            ConnectionBudget.this.close(reserve);
        }

        @Override
        public String toString() {
            return "share of a budget of connections";
        }
    }
}

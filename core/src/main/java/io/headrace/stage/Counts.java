package io.headrace.stage;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Counters of one endpoint: each event loop adds to its own, and whoever reads one sums over the loops. */
final class Counts {
    private final int size;
    private final List<OnLoop> loops = new CopyOnWriteArrayList<>();

    Counts(int size) {
        this.size = size;
    }

    /** The counters of one more loop. */
    OnLoop onLoop() {
        OnLoop loop = new OnLoop(this);
        loops.add(loop);
        return loop;
    }

    /** Any thread. */
    long sum(int counter) {
        long sum = 0;
        for (OnLoop loop : loops) {
            sum += loop.get(counter);
        }
        return sum;
    }

    /** The sum of {@code length} counters from {@code first} on. Any thread. */
    long sum(int first, int length) {
        long sum = 0;
        for (int counter = first; counter < first + length; counter++) {
            sum += sum(counter);
        }
        return sum;
    }

    /** The counters of one loop. Opaque: never torn and soon seen by others, at the price of a plain field. */
    static final class OnLoop {
        private static final VarHandle COUNTERS = MethodHandles.arrayElementVarHandle(long[].class);
        private static final int GAP = 16; // 128 bytes: two loops must never write to one cache line.

        // A registry refers to the sums weakly: while one loop counts, they are there to be read.
        @SuppressWarnings("unused")
        private final Counts all;

        private final long[] counters;

        OnLoop(Counts all) {
            this.all = all;
            this.counters = new long[GAP + all.size + GAP];
        }

        /** Event loop only. */
        void add(int counter, long amount) {
            COUNTERS.setOpaque(counters, GAP + counter, counters[GAP + counter] + amount);
        }

        long get(int counter) {
            return (long) COUNTERS.getOpaque(counters, GAP + counter);
        }
    }
}

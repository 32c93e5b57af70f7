package io.headrace;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The rates of a bounded number of peers, in two arrays that never grow. Where the eight places that a peer may have are taken, the one
 * whose peer has been quiet for longest is given away. One thread at a time. For stages.
 */
public final class PeerRates {
    private static final int WAYS = 8;

    private final Rate rate;
    private final Runnable onEviction;
    private final long[] keys;
    private final long[] states;
    private final long seed = ThreadLocalRandom.current().nextLong(); // Or peers could be made to collide.

    /**
     * @param peers how many to remember; rounded up to a power of two
     * @param onEviction runs when a peer is forgotten that a fresh one could be told from
     */
    public PeerRates(Rate rate, int peers, Runnable onEviction) {
        int size = Math.max(WAYS, Integer.highestOneBit(2 * peers - 1));
        this.rate = rate;
        this.onEviction = onEviction;
        this.keys = new long[size];
        this.states = new long[size];
        Arrays.fill(states, Rate.FRESH);
    }

    /** An IPv4 address, or the first half of an IPv6 one: see {@link AddressPrefix}. */
    public static long key(InetAddress address) {
        return AddressPrefix.DEFAULT.key(address);
    }

    /** Whether one more datagram of this peer is within its rate. */
    public boolean admits(long key, long nowNs) {
        int place = place(key, nowNs);
        long next = rate.next(states[place], nowNs);
        if (next == Rate.OVER) {
            return false;
        }
        states[place] = next;
        return true;
    }

    /** Whether what this peer has used up is not made good yet. */
    public boolean busy(long key, long nowNs) {
        int first = firstPlace(key);
        for (int place = first; place < first + WAYS; place++) {
            if (keys[place] == key && !Rate.idle(states[place], nowNs)) {
                return true;
            }
        }
        return false;
    }

    private int firstPlace(long key) {
        return (int) (AddressPrefix.mix(key ^ seed) & (keys.length - 1) & -WAYS);
    }

    private int place(long key, long nowNs) {
        int first = firstPlace(key);
        int oldest = first;
        for (int place = first; place < first + WAYS; place++) {
            if (keys[place] == key && states[place] != Rate.FRESH) {
                return place;
            }
            if (older(states[place], states[oldest])) {
                oldest = place;
            }
        }
        if (!Rate.idle(states[oldest], nowNs)) {
            onEviction.run();
        }
        keys[oldest] = key;
        states[oldest] = Rate.FRESH;
        return oldest;
    }

    private static boolean older(long state, long other) {
        return other != Rate.FRESH && (state == Rate.FRESH || state - other < 0);
    }
}

package io.headrace.udp;

import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCountUtil;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.concurrent.RejectedExecutionException;

/**
 * Datagrams on their way from one event loop to another, a batch at a time and a bounded number in all.
 *
 * <p>{@link #put} and {@link #go} are the first loop's; the other one is told of each datagram in the order of putting.
 */
final class Hop {
    static final int MOST_UNDER_WAY = 4_096;

    private static final VarHandle TAKEN;

    static {
        try {
            TAKEN = MethodHandles.lookup().findVarHandle(Hop.class, "taken", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** The other side. */
    interface Arrival {
        /** Takes ownership, also where it throws. */
        void arrived(Object datagram, SocketAddress address, long allowance);

        /** Hears what {@link #arrived} has thrown. */
        void faulty(Throwable fault);

        void batchEnded();
    }

    private final EventLoop to;
    private final Arrival arrival;
    private long put; // The first loop's.
    private Batch batch;

    @SuppressWarnings("unused") // Through TAKEN: the other loop writes it, the first one reads it.
    private long taken;

    Hop(EventLoop to, Arrival arrival) {
        this.to = to;
        this.arrival = arrival;
    }

    /** Whether so many are under way that no more may be put. */
    boolean full() {
        return put - (long) TAKEN.getAcquire(this) >= MOST_UNDER_WAY;
    }

    /** Adds to the batch, which is not {@link #full}. Takes ownership. */
    void put(Object datagram, SocketAddress address, long allowance) {
        put++;
        if (batch == null) {
            batch = new Batch();
        }
        batch.add(datagram, address, allowance);
    }

    /** Sends the batch on its way. */
    void go() {
        Batch leaving = batch;
        if (leaving == null) {
            return;
        }
        batch = null;
        try {
            to.execute(leaving);
        } catch (RejectedExecutionException loopEnded) {
            put -= leaving.size;
            leaving.release();
        }
    }

    private final class Batch implements Runnable {
        private Object[] datagrams = new Object[16];
        private SocketAddress[] addresses = new SocketAddress[16];
        private long[] allowances = new long[16];
        private int size;

        void add(Object datagram, SocketAddress address, long allowance) {
            if (size == datagrams.length) {
                datagrams = Arrays.copyOf(datagrams, 2 * size);
                addresses = Arrays.copyOf(addresses, 2 * size);
                allowances = Arrays.copyOf(allowances, 2 * size);
            }
            datagrams[size] = datagram;
            addresses[size] = address;
            allowances[size++] = allowance;
        }

        @Override
        public void run() {
            for (int i = 0; i < size; i++) {
                TAKEN.setRelease(Hop.this, taken + 1);
                arrive(i);
            }
            arrival.batchEnded();
        }

        private void arrive(int i) {
            try {
                arrival.arrived(datagrams[i], addresses[i], allowances[i]);
            } catch (Throwable fault) { // Or the rest of the batch would be lost, and its places with it.
                arrival.faulty(fault);
            }
        }

        void release() {
            for (int i = 0; i < size; i++) {
                ReferenceCountUtil.release(datagrams[i]);
            }
        }
    }
}

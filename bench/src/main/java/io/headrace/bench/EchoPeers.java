package io.headrace.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.TimeUnit;

/**
 * Sixteen sockets on one thread that keep eight numbered datagrams each under way, and look whether the echoes come in order. What has not come
 * after 100 ms is given up: datagrams may be lost.
 */
final class EchoPeers implements AutoCloseable {
    private static final int SOCKETS = 16;
    private static final int WINDOW = 8;
    private static final int BYTES = 64;
    private static final long PATIENCE_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final DatagramChannel[] channels = new DatagramChannel[SOCKETS];
    private final long[] sent = new long[SOCKETS];
    private final long[] heard = new long[SOCKETS]; // The highest number.
    private final int[] underWay = new int[SOCKETS];
    private final long[] heardAtNs = new long[SOCKETS];
    private final ByteBuffer out = ByteBuffer.allocateDirect(BYTES);
    private final ByteBuffer in = ByteBuffer.allocateDirect(BYTES);
    private final Thread thread = new Thread(this::run, "echo-peers");
    private volatile boolean closed;
    private volatile long answered;
    private volatile long outOfOrder;
    private volatile long notAnswered;

    private EchoPeers(int port) throws IOException {
        for (int i = 0; i < SOCKETS; i++) {
            channels[i] = DatagramChannel.open().connect(new InetSocketAddress("127.0.0.1", port));
            channels[i].configureBlocking(false);
            heardAtNs[i] = System.nanoTime();
        }
    }

    /** Begins at once. */
    static EchoPeers to(int port) throws IOException {
        EchoPeers peers = new EchoPeers(port);
        peers.thread.setDaemon(true);
        peers.thread.start();
        return peers;
    }

    long answered() {
        return answered;
    }

    long outOfOrder() {
        return outOfOrder;
    }

    long notAnswered() {
        return notAnswered;
    }

    private void run() {
        try {
            while (!closed) {
                boolean idle = true;
                for (int i = 0; i < SOCKETS; i++) {
                    idle &= !exchange(i);
                }
                if (idle) {
                    Thread.yield(); // On few processors the server needs this one.
                }
            }
        } catch (IOException closedMeanwhile) {
            closed = true;
        }
    }

    private boolean exchange(int i) throws IOException {
        long nowNs = System.nanoTime();
        boolean some = false;
        for (in.clear(); channels[i].read(in) > 0; in.clear()) {
            long number = in.getLong(0);
            if (number <= heard[i]) {
                outOfOrder = outOfOrder + 1;
            }
            heard[i] = Math.max(heard[i], number);
            underWay[i] = Math.max(0, underWay[i] - 1);
            heardAtNs[i] = nowNs;
            answered = answered + 1;
            some = true;
        }
        if (underWay[i] > 0 && nowNs - heardAtNs[i] > PATIENCE_NS) {
            notAnswered = notAnswered + underWay[i];
            underWay[i] = 0;
        }
        if (underWay[i] == 0) {
            heardAtNs[i] = nowNs;
        }
        while (underWay[i] < WINDOW) {
            out.clear();
            out.putLong(0, ++sent[i]);
            channels[i].write(out);
            underWay[i]++;
            some = true;
        }
        return some;
    }

    @Override
    public void close() throws IOException {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        for (DatagramChannel channel : channels) {
            channel.close();
        }
    }
}

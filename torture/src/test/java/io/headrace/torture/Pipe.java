package io.headrace.torture;

import java.io.IOException;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One direction of a connection through a {@link FaultProxy}: one thread reads, one writes, so that latency is not bandwidth. */
final class Pipe {
    private static final int MAX_WAITING = 256;
    private static final byte[] END = {};

    private record Piece(byte[] bytes, long dueNs) {}

    private final Socket from;
    private final Socket to;
    private final FaultProxy.Faults faults;
    private final Delay delay;
    private final long cutAfterBytes;
    private final Runnable cut;
    private final ArrayBlockingQueue<Piece> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private long passedBytes;

    /** Runs {@code cut} when so many bytes have passed; 0 for never. */
    Pipe(Socket from, Socket to, FaultProxy.Faults faults, long seed, long cutAfterBytes, Runnable cut) {
        this.from = from;
        this.to = to;
        this.faults = faults;
        this.delay = new Delay(faults.latency, faults.jitter, seed);
        this.cutAfterBytes = cutAfterBytes;
        this.cut = cut;
    }

    void start() {
        FaultProxy.thread("fault-proxy-read", this::read);
        FaultProxy.thread("fault-proxy-write", this::write);
    }

    private void read() {
        byte[] buffer = new byte[16_384];
        long offset = 0;
        try {
            for (int count; (count = from.getInputStream().read(buffer)) >= 0; ) {
                for (int at = 0; at < count && !faults.blackHole; ) {
                    int end = at + Math.min(count - at, delay.alike(offset));
                    put(Arrays.copyOfRange(buffer, at, end), delay.ns(offset));
                    offset += end - at;
                    at = end;
                }
            }
            if (!faults.blackHole) {
                put(END, delay.ns(offset) + faults.closeDelay.toNanos());
            }
        } catch (IOException reset) {
            put(null, 0);
        }
    }

    private void put(byte[] bytes, long delayNs) {
        try {
            while (!waiting.offer(new Piece(bytes, System.nanoTime() + delayNs), 1, TimeUnit.SECONDS)) {
                if (from.isClosed() || to.isClosed()) {
                    return;
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void write() {
        try {
            while (!to.isClosed()) {
                Piece piece = waiting.poll(1, TimeUnit.SECONDS);
                if (piece == null) {
                    continue;
                }
                waitUntil(piece.dueNs);
                if (piece.bytes == null) {
                    to.setSoLinger(true, 0); // A reset on one side is a reset on the other.
                    to.close();
                } else if (piece.bytes == END) {
                    to.shutdownOutput();
                    return;
                } else if (!pass(piece.bytes)) {
                    cut.run();
                    return;
                }
            }
        } catch (IOException gone) {
            cut.run();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** Writes it, slice by slice, at the rate there is; false when the line is cut. */
    private boolean pass(byte[] bytes) throws IOException {
        int slice = faults.sliceBytes == 0 ? bytes.length : faults.sliceBytes;
        if (faults.bytesPerSecond > 0) {
            slice = Math.min(slice, Math.max(1, faults.bytesPerSecond / 50));
        }
        for (int at = 0; at < bytes.length; ) {
            int length = Math.min(slice, bytes.length - at);
            if (cutAfterBytes > 0) {
                length = (int) Math.min(length, cutAfterBytes - passedBytes);
            }
            if (length > 0) {
                to.getOutputStream().write(bytes, at, length);
            }
            at += length;
            passedBytes += length;
            if (cutAfterBytes > 0 && passedBytes >= cutAfterBytes) {
                return false;
            }
            if (faults.bytesPerSecond > 0) {
                waitUntil(System.nanoTime() + length * 1_000_000_000L / faults.bytesPerSecond);
            }
        }
        return true;
    }

    private void waitUntil(long dueNs) {
        for (long leftNs; (leftNs = dueNs - System.nanoTime()) > 0 && !to.isClosed(); ) {
            LockSupport.parkNanos(Math.min(leftNs, TimeUnit.MILLISECONDS.toNanos(100)));
        }
    }
}

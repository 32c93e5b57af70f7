package io.headrace.udp;

import io.headrace.DropReason;
import io.headrace.Watch;
import io.netty.channel.Channel;
import io.netty.channel.DefaultChannelPromise;

/**
 * What became of each datagram that was given to the socket, told once: taken, or failed.
 *
 * <p>One object in the place of a promise for each datagram. It is never done; Netty tells it of every write in the order in which the
 * writes were made, so a queue of sizes says which datagram is meant. Event loop only.
 */
final class Tally extends DefaultChannelPromise {

    /** Who wants to know. Event loop only. */
    interface Listener {
        void sendFailed(Throwable cause);

        /** Nothing waits in the socket's queue any more. */
        void allSent();
    }

    /** Who has kept the runs. Event loop only. */
    interface Runs {
        /** The oldest was taken. */
        void taken();

        /** The oldest was refused; says whether its datagrams were sent again, one by one, and what became of each is told. */
        boolean refused(Throwable cause);
    }

    private final Watch watch;
    private final Listener listener;
    private final Runs runs;
    // A ring: sizes[first] is the oldest write that waits. As bounded as the channel's own queue.
    private long[] sizes = new long[16]; // Bytes, and above them the bytes of each segment.
    private int first;
    private int waiting;
    private long waitingBytes;

    Tally(Channel channel, Watch watch, Listener listener, Runs runs) {
        super(channel);
        this.watch = watch;
        this.listener = listener;
        this.runs = runs;
    }

    /** So many bytes are about to be written with this promise, as datagrams of at most {@code segmentBytes}. */
    void queued(int bytes, int segmentBytes) {
        if (waiting == sizes.length) {
            grow();
        }
        sizes[(first + waiting++) & (sizes.length - 1)] = (long) segmentBytes << 32 | bytes;
        waitingBytes += bytes;
    }

    private void grow() {
        long[] larger = new long[2 * sizes.length];
        System.arraycopy(sizes, first, larger, 0, sizes.length - first);
        System.arraycopy(sizes, 0, larger, sizes.length - first, first);
        sizes = larger;
        first = 0;
    }

    private long oldest() {
        long size = sizes[first];
        first = (first + 1) & (sizes.length - 1);
        waiting--;
        waitingBytes -= (int) size;
        return size;
    }

    boolean empty() {
        return waiting == 0;
    }

    /** Bytes that the socket has not taken yet. */
    long waitingBytes() {
        return waitingBytes;
    }

    /** The socket took so many bytes, as datagrams of at most {@code segmentBytes}. */
    void taken(int bytes, int segmentBytes) {
        watch.sent(bytes);
        int left = bytes;
        for (; left > segmentBytes; left -= segmentBytes) {
            watch.datagramSent(segmentBytes);
        }
        watch.datagramSent(left);
        settled();
    }

    /** The socket refused a datagram. */
    void refused(Throwable cause) {
        watch.datagramDropped(DropReason.SEND_FAILED);
        listener.sendFailed(cause);
        settled();
    }

    private void settled() {
        if (waiting == 0) {
            listener.allSent();
        }
    }

    @Override
    public boolean trySuccess(Void nothing) {
        long size = oldest();
        if (segmentBytes(size) != Segments.WHOLE) {
            runs.taken();
        }
        taken((int) size, segmentBytes(size));
        return true;
    }

    @Override
    public boolean tryFailure(Throwable cause) {
        long size = oldest();
        if (segmentBytes(size) == Segments.WHOLE || !runs.refused(cause)) {
            for (int left = Segments.count((int) size, segmentBytes(size)); left > 0; left--) {
                refused(cause);
            }
        } else {
            settled();
        }
        return true;
    }

    private static int segmentBytes(long size) {
        return (int) (size >>> 32);
    }
}

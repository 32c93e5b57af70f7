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

    private final Watch watch;
    private final Listener listener;
    // A ring: sizes[first] is the oldest datagram that waits. As bounded as the channel's own queue.
    private int[] sizes = new int[16];
    private int first;
    private int waiting;
    private long waitingBytes;

    Tally(Channel channel, Watch watch, Listener listener) {
        super(channel);
        this.watch = watch;
        this.listener = listener;
    }

    /** A datagram of this many bytes is about to be written with this promise. */
    void queued(int bytes) {
        if (waiting == sizes.length) {
            grow();
        }
        sizes[(first + waiting++) & (sizes.length - 1)] = bytes;
        waitingBytes += bytes;
    }

    private void grow() {
        int[] larger = new int[2 * sizes.length];
        System.arraycopy(sizes, first, larger, 0, sizes.length - first);
        System.arraycopy(sizes, 0, larger, sizes.length - first, first);
        sizes = larger;
        first = 0;
    }

    private int oldest() {
        int bytes = sizes[first];
        first = (first + 1) & (sizes.length - 1);
        waiting--;
        waitingBytes -= bytes;
        return bytes;
    }

    boolean empty() {
        return waiting == 0;
    }

    /** Bytes that the socket has not taken yet. */
    long waitingBytes() {
        return waitingBytes;
    }

    /** The socket took a datagram of this many bytes. */
    void taken(int bytes) {
        watch.sent(bytes);
        watch.datagramSent(bytes);
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
        taken(oldest());
        return true;
    }

    @Override
    public boolean tryFailure(Throwable cause) {
        oldest();
        refused(cause);
        return true;
    }
}

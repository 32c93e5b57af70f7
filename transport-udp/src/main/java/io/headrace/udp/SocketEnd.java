package io.headrace.udp;

import io.headrace.DropReason;
import io.headrace.Reports;
import io.headrace.Text;
import io.headrace.Watch;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;

/**
 * The end of the line next to the socket: counts each datagram once, drops one that is too long or that a guard refuses, and sends around the
 * channel's queue what must not stand in it: empty ones, which Netty loses, and on a Unix socket that serves many peers all.
 *
 * <p>Stands on the line as a handler only where stages have added others; elsewhere {@link UdpSocket} and {@link Outflow} call it.
 * Event loop only.
 */
final class SocketEnd extends ChannelDuplexHandler {
    private final Channel channel;
    private final boolean queues;
    private final int maxDatagramBytes;
    private final Watch watch;
    private final Reports reports;
    private final Tally tally;
    private final Guard guard;
    /** Runs that the socket has not taken yet, oldest first, with a reference of ours. */
    private final ArrayDeque<SentRun> runs = new ArrayDeque<>();

    private final RunPause pause = new RunPause();

    private int lastBytes;

    private record SentRun(ByteBuf bytes, InetSocketAddress recipient, int segmentBytes) {}

    /** @param connected whether all that leaves goes to one peer */
    SocketEnd(
            Channel channel,
            boolean connected,
            int maxDatagramBytes,
            UdpLine line,
            Reports reports,
            Tally.Listener sends) {
        this.channel = channel;
        this.queues = UdpBackend.queues(channel, connected);
        this.maxDatagramBytes = maxDatagramBytes;
        this.watch = line.watch();
        this.guard = line.guard();
        this.reports = reports;
        this.tally = new Tally(channel, watch, sends, new Kept());
    }

    /** What became of what was sent. */
    Tally tally() {
        return tally;
    }

    /** Counts what came, and says whether it may go on. One that is too long was cut by the system: how long it was is not known. */
    boolean admits(AddressedEnvelope<?, ?> datagram) {
        int bytes = ((ByteBuf) datagram.content()).readableBytes();
        watch.received(bytes);
        watch.datagramReceived(bytes);
        if (bytes > maxDatagramBytes) {
            oversize(datagram);
            return false;
        }
        DropReason reason = guard.arriving(datagram.sender(), bytes);
        if (reason != null) {
            watch.datagramDropped(reason);
            reports.warn(reason.tag(), () -> "datagram dropped, from " + Text.of(datagram.sender()), null);
            return false;
        }
        lastBytes = bytes;
        return true;
    }

    private void oversize(AddressedEnvelope<?, ?> datagram) {
        watch.datagramDropped(DropReason.OVERSIZE);
        reports.warn(
                "datagram over maxDatagramBytes dropped",
                () -> "more than " + maxDatagramBytes + " bytes from " + Text.of(datagram.sender()),
                null);
    }

    /** How many bytes may go back for the datagram that was admitted last. */
    long allowance() {
        return guard.allowance(lastBytes);
    }

    /** Writes a datagram to the socket's queue, or around it, past a line on which no handler stands. Takes ownership. */
    void write(Object datagram) {
        ByteBuf content = content(datagram);
        if (content == null) {
            channel.write(datagram); // Netty refuses it, and says why.
        } else if (leavesAround(content)) {
            sendAround(datagram, content);
        } else {
            queued(datagram, content);
            channel.unsafe().write(datagram, tally);
        }
    }

    private boolean leavesAround(ByteBuf content) {
        return !queues || content.readableBytes() == 0;
    }

    private void queued(Object datagram, ByteBuf content) {
        int segmentBytes = Segments.bytesOf(datagram);
        tally.queued(content.readableBytes(), segmentBytes);
        if (segmentBytes != Segments.WHOLE) {
            runs.add(new SentRun(content.retain(), (InetSocketAddress) recipient(datagram), segmentBytes));
        }
    }

    /** Whether a datagram that is sent now may be part of a run: for a while after one that the system has refused it may not. */
    boolean takesRuns() {
        return pause.over();
    }

    /**
     * A device may not be able to take runs apart (EIO), or a path be too narrow for their segments. Its datagrams leave at once then, one by one
     * around the queue: in the queue they would stand behind what was sent after them. Where these are refused, too, the run was not the obstacle but the peer, and
     * anybody can forge one whom nobody can send to.
     */
    private final class Kept implements Tally.Runs {
        @Override
        public void taken() {
            runs.poll().bytes().release();
            pause.taken();
        }

        @Override
        public boolean refused(Throwable cause) {
            SentRun run = runs.poll();
            ByteBuf left = run.bytes();
            try {
                if (!channel.isOpen()) {
                    return false;
                }
                while (left.isReadable()) {
                    ByteBuf one = left.readSlice(Math.min(run.segmentBytes(), left.readableBytes()));
                    if (sendNow(one, run.recipient())) {
                        pause.begin();
                    }
                }
                return true;
            } finally {
                left.release();
            }
        }
    }

    /** Sends what {@link #write} has queued. */
    void flush() {
        channel.unsafe().flush();
    }

    private boolean sendAround(Object datagram, ByteBuf content) {
        flush(); // It goes around the queue, but not ahead of it.
        try {
            return somethingWaits() ? noRoom(recipient(datagram)) : sendNow(content, recipient(datagram));
        } finally {
            ReferenceCountUtil.release(datagram);
        }
    }

    private boolean sendNow(ByteBuf bytes, SocketAddress recipient) {
        try {
            if (!UdpBackend.send(channel, bytes, recipient)) {
                return noRoom(recipient);
            }
            tally.taken(bytes.readableBytes(), Segments.WHOLE);
            return true;
        } catch (IOException | RuntimeException cause) {
            tally.refused(cause);
            return false;
        }
    }

    private boolean noRoom(SocketAddress recipient) {
        watch.datagramDropped(DropReason.SEND_QUEUE_FULL);
        reports.warn("datagram to a peer dropped", () -> "no room for it now; to " + Text.of(recipient), null);
        return false;
    }

    private boolean somethingWaits() {
        ChannelOutboundBuffer queue = channel.unsafe().outboundBuffer();
        return queue != null && !queue.isEmpty();
    }

    private static ByteBuf content(Object datagram) {
        Object content = datagram instanceof AddressedEnvelope<?, ?> envelope ? envelope.content() : datagram;
        return content instanceof ByteBuf bytes ? bytes : null;
    }

    private static SocketAddress recipient(Object datagram) {
        return datagram instanceof AddressedEnvelope<?, ?> envelope ? envelope.recipient() : null;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object datagram) {
        if (admits((AddressedEnvelope<?, ?>) datagram)) {
            ctx.fireChannelRead(datagram);
        } else {
            ReferenceCountUtil.release(datagram);
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object datagram, ChannelPromise promise) {
        ByteBuf content = content(datagram);
        if (content == null) {
            ctx.write(datagram, promise); // Netty refuses it, and says why.
        } else if (leavesAround(content)) {
            settle(promise, sendAround(datagram, content));
        } else if (promise.isVoid()) {
            queued(datagram, content);
            ctx.write(datagram, tally);
        } else {
            int bytes = content.readableBytes();
            int segmentBytes = Segments.bytesOf(datagram);
            promise.addListener(written -> {
                if (written.isSuccess()) {
                    tally.taken(bytes, segmentBytes);
                } else {
                    tally.refused(written.cause());
                }
            });
            ctx.write(datagram, promise);
        }
    }

    private static void settle(ChannelPromise promise, boolean sent) {
        if (promise.isVoid()) {
            return; // A failed one would be an error of the whole socket; it is counted, and that is all.
        }
        if (sent) {
            promise.trySuccess();
        } else {
            promise.tryFailure(new IOException("datagram not sent"));
        }
    }
}

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
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;

/**
 * The end of the line next to the socket: counts each datagram once, drops one that is too long or that a guard refuses, and sends empty
 * ones, which Netty loses.
 *
 * <p>Stands on the line as a handler only where stages have added others; elsewhere {@link UdpSocket} and {@link Outflow} call it.
 * Event loop only.
 */
final class SocketEnd extends ChannelDuplexHandler {
    private final Channel channel;
    private final int maxDatagramBytes;
    private final Watch watch;
    private final Reports reports;
    private final Tally tally;
    private final Guard guard;
    /** Runs that the socket has not taken yet, oldest first, with a reference of ours. */
    private final ArrayDeque<SentRun> runs = new ArrayDeque<>();

    private boolean refusesRuns;
    private int lastBytes;

    private record SentRun(ByteBuf bytes, InetSocketAddress recipient, int segmentBytes) {}

    SocketEnd(Channel channel, int maxDatagramBytes, UdpLine line, Reports reports, Tally.Listener sends) {
        this.channel = channel;
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

    /** Writes a datagram to the socket's queue, past a line on which no handler stands. Takes ownership. */
    void write(Object datagram) {
        ByteBuf content = content(datagram);
        if (content == null) {
            channel.write(datagram); // Netty refuses it, and says why.
        } else if (content.readableBytes() == 0) {
            sendEmpty(datagram);
        } else {
            queued(datagram, content);
            channel.unsafe().write(datagram, tally);
        }
    }

    private void queued(Object datagram, ByteBuf content) {
        int segmentBytes = Segments.bytesOf(datagram);
        tally.queued(content.readableBytes(), segmentBytes);
        if (segmentBytes != Segments.WHOLE) {
            runs.add(new SentRun(content.retain(), (InetSocketAddress) recipient(datagram), segmentBytes));
        }
    }

    /** Whether the system has taken every run so far. */
    boolean takesRuns() {
        return !refusesRuns;
    }

    /** A device may not be able to take runs apart (EIO), or a path be too narrow for their segments: the datagrams leave one by one then. */
    private final class Kept implements Tally.Runs {
        @Override
        public void taken() {
            runs.poll().bytes().release();
        }

        @Override
        public boolean refused(Throwable cause) {
            SentRun run = runs.poll();
            ByteBuf left = run.bytes();
            boolean again = channel.isOpen();
            if (again) {
                refusesRuns = true;
                while (left.isReadable()) {
                    ByteBuf one = left.readRetainedSlice(Math.min(run.segmentBytes(), left.readableBytes()));
                    write(UdpBackend.datagram(one, run.recipient()));
                }
                channel.eventLoop().execute(SocketEnd.this::flush);
            }
            left.release();
            return again;
        }
    }

    /** Sends what {@link #write} has queued. */
    void flush() {
        channel.unsafe().flush();
    }

    private boolean sendEmpty(Object datagram) {
        try {
            UdpBackend.sendEmpty(channel, recipient(datagram));
            tally.taken(0, Segments.WHOLE);
            return true;
        } catch (IOException | RuntimeException cause) {
            tally.refused(cause);
            return false;
        } finally {
            ReferenceCountUtil.release(datagram);
        }
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
        } else if (content.readableBytes() == 0) {
            settle(promise, sendEmpty(datagram));
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
        if (sent) {
            promise.trySuccess();
        } else {
            promise.tryFailure(new IOException("empty datagram not sent"));
        }
    }
}

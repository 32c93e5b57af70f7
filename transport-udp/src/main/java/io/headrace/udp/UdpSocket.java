package io.headrace.udp;

import io.headrace.DropReason;
import io.headrace.OpenEndpoint;
import io.headrace.OpenLoop;
import io.headrace.Reports;
import io.headrace.Text;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One datagram socket on its event loop: the end of its line, where each datagram goes to the lane that handles it.
 *
 * <pre>
 *  open, not reading --read--> reading --stopReading--> answering --lanes drain, all is sent, close--> closed
 * </pre>
 *
 * <p>Nothing that a peer sends, a handler throws or the system reports ends it. Event loop only, unless a method says otherwise.
 */
final class UdpSocket<I, O> extends ChannelInboundHandlerAdapter implements Tally.Listener {
    /** Rounds of a millisecond in which a flood of datagrams may put off the end of reading. */
    private static final int MAX_LAST_ROUNDS = 64;

    private final OpenLoop loop;
    private final Channel channel;
    private final Reports reports;
    private final boolean connected;
    private final List<UdpLane<I, O>> lanes;
    private final UdpLane<I, O> own; // The one on this socket's loop.
    private final boolean offloadsSending;
    private final List<Runnable> whenWritable = new ArrayList<>();
    private final Runnable turnEnd = this::turnEnded;
    // Set when the line is laid.
    private Spread<I, O> spread; // Null where there is only one lane.
    private SocketEnd end;
    private boolean countsByItself;
    private Outflow outflow;

    private Consumer<Throwable> failureListener = cause -> {};
    private long datagrams;
    private boolean readingEnded;
    private boolean endScheduled;
    private Runnable whenSent; // Null before the drain.

    /** Every datagram is one peer's if {@code onlyPeer} is not null. */
    UdpSocket(OpenEndpoint endpoint, OpenLoop loop, UdpOptions options, Channel channel, SocketAddress onlyPeer) {
        this.loop = loop;
        this.channel = channel;
        this.reports = endpoint.reports();
        this.connected = onlyPeer != null;
        this.offloadsSending = options.offloadsSending();
        List<OpenLoop> loops = options.spreads() && !connected ? endpoint.openLoops() : List.of(loop);
        this.lanes = loops.stream()
                .map(each -> new UdpLane<>(endpoint, each, this, options, onlyPeer))
                .toList();
        this.own = lanes.get(loops.indexOf(loop));
    }

    /** The line is laid; the socket is not open yet. */
    void laid(UdpLine line, SocketEnd socketEnd) {
        end = socketEnd;
        countsByItself = !line.handlers();
        boolean joins = offloadsSending && countsByItself && !connected && UdpBackend.takesSegments(channel);
        Runs runs = joins ? new Runs(channel, end) : null;
        outflow = new Outflow(channel, connected, line.watch(), reports, countsByItself ? end : null, runs);
        own.laid(line.watch(), outflow);
        if (lanes.size() > 1) {
            spread = new Spread<>(this, lanes, line.watch(), reports);
        }
    }

    /** Joins the lanes on other loops to the socket. It has its loop by now, and does not read yet. Any thread. */
    void joinLanes() {
        for (UdpLane<I, O> lane : lanes) {
            if (lane != own) {
                Exit exit = new FarOutflow(
                        lane.loop().eventLoop(), channel, outflow, lane.loop().watch(), reports);
                lane.laid(lane.loop().watch(), exit);
            }
        }
    }

    OpenLoop loop() {
        return loop;
    }

    Channel channel() {
        return channel;
    }

    /** Whether it exchanges datagrams with one peer only. */
    boolean connected() {
        return connected;
    }

    /** The lane on the socket's own loop, and for most the only one. */
    UdpLane<I, O> lane() {
        return own;
    }

    List<UdpLane<I, O>> lanes() {
        return lanes;
    }

    /** Tells {@code listener} of every error on the socket, but not of a send that fails by itself. Before reading begins. */
    void onFailure(Consumer<Throwable> listener) {
        failureListener = listener;
    }

    /** Begins to read. Starting thread. */
    void read() {
        lanes.forEach(UdpLane::begin);
        channel.config().setAutoRead(true);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object delivered) {
        if (!(delivered instanceof AddressedEnvelope<?, ?> datagram)) {
            ReferenceCountUtil.release(delivered);
            throw new IllegalArgumentException("the line delivered a "
                    + delivered.getClass().getName() + " (expected: an AddressedEnvelope, as DatagramPacket is)");
        }
        datagrams++;
        if (!readingEnded) { // After that, a read may be cancelled half-way, and no batch ends.
            outflow.batchBegan();
        }
        if (!countsByItself && !endScheduled) { // A handler may deliver it after its batch has ended.
            endScheduled = true;
            loop.eventLoop().execute(turnEnd);
        }
        if (countsByItself && !end.admits(datagram)) {
            datagram.release();
            return;
        }
        long allowance = connected ? Long.MAX_VALUE : end.allowance();
        if (spread == null) {
            own.received(datagram, allowance);
        } else {
            spread.received(datagram, allowance);
        }
    }

    /** Sends to the only peer of a connected socket, and tells {@code failed} when that fails; says why it was dropped, or null. Takes ownership. */
    DropReason ask(Object question, Consumer<Throwable> failed) {
        return outflow.ask(question, failed);
    }

    /** A copy in memory of its own, where content is bytes: what is held for long would hold the memory of its whole batch. Any thread. */
    Object byItself(Object content) {
        if (!(content instanceof ByteBuf bytes)) {
            return content;
        }
        try {
            return channel.alloc().ioBuffer(bytes.readableBytes()).writeBytes(bytes);
        } finally {
            bytes.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        batchEnded();
    }

    private void turnEnded() {
        endScheduled = false;
        batchEnded();
    }

    private void batchEnded() {
        if (spread != null) {
            spread.batchEnded();
        }
        own.batchEnded();
    }

    /** The system reported an error, or a handler on the line threw: never a reason to close a socket that serves every peer. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        reports.warn(
                "error on the socket",
                Text.escaped(cause instanceof IOException ? Text.words(cause) : String.valueOf(cause)),
                cause instanceof IOException ? null : cause);
        failureListener.accept(cause);
    }

    @Override
    public void sendFailed(Throwable cause) {
        if (!(cause instanceof ClosedChannelException)) {
            reports.warn("datagram not sent", Text.escaped(Text.words(cause)), null);
        }
        if (cause instanceof PortUnreachableException) { // Of one before it: this one was never looked at.
            failureListener.accept(cause);
        }
    }

    @Override
    public void allSent() {
        if (whenSent != null && end.tally().empty()) {
            whenSent.run();
        }
    }

    /** Runs {@code sent} as soon as the system has taken all that the lanes have sent until now. Any thread. */
    void whenSent(Runnable sent) {
        try {
            loop.eventLoop().execute(() -> {
                whenSent = sent;
                allSent();
            });
        } catch (RejectedExecutionException loopEnded) {
            sent.run();
        }
    }

    /** Runs {@code task} on the event loop when the queue has room, or the socket has closed. Any thread. */
    void whenWritable(Runnable task) {
        try {
            loop.eventLoop().execute(() -> {
                if (channel.isWritable() || !channel.isOpen()) {
                    task.run();
                } else {
                    whenWritable.add(task);
                }
            });
        } catch (RejectedExecutionException loopEnded) {
            task.run();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (channel.isWritable()) {
            runWhenWritable();
        }
    }

    private void runWhenWritable() {
        List<Runnable> tasks = List.copyOf(whenWritable);
        whenWritable.clear();
        tasks.forEach(Runnable::run);
    }

    /** Stops reading once nothing more waits in the system's queue, and then runs {@code ended}. */
    void stopReading(Runnable ended) {
        stopReading(ended, MAX_LAST_ROUNDS);
    }

    private void stopReading(Runnable ended, int rounds) {
        long before = datagrams;
        Runnable look = () -> {
            if (datagrams > before && rounds > 0) {
                stopReading(ended, rounds - 1);
                return;
            }
            readingEnded = true;
            channel.config().setAutoRead(false);
            batchEnded();
            ended.run();
        };
        loop.eventLoop().schedule(look, 1, TimeUnit.MILLISECONDS);
    }

    /** Sends what can still be sent and closes the socket; says how many bytes are lost. Its lanes are closed by now. */
    long close() {
        whenSent = null;
        outflow.flush();
        long dropped = end.tally().waitingBytes();
        channel.close();
        runWhenWritable();
        return dropped;
    }
}

package io.headrace.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import java.util.concurrent.TimeUnit;

/**
 * A connected datagram socket whose requests carry who sent them, their number and when, and are expected back as they are. Mode udp: a
 * closed loop keeps a window of them in flight, and one that failed makes room; an open loop sends them when they are due.
 */
@Sharable
final class DatagramFlow extends ChannelInboundHandlerAdapter implements Pacer.Paced, Ledger.Failing {
    private static final int AGAIN_AFTER_MS = 100;

    private final Lane lane;
    private final int index;
    private final Wire wire;
    private final int window;
    private final boolean openLoop;
    private final Envelope envelope;
    private final Ledger ledger;

    private Channel channel;
    private boolean open;
    private boolean told;
    private boolean started;
    private boolean stopped;
    private boolean finished;
    private long connectNs;

    private int inFlight;
    private boolean written;
    private long turn; // Of the schedule: how many requests were sent or given up.
    private long due; // Of the schedule: how many are due.
    private long readyNs;
    private long sweptNs;

    DatagramFlow(Lane lane, int index) {
        this.lane = lane;
        this.index = index;
        wire = lane.wire(index);
        window = lane.plan().window();
        openLoop = lane.plan().schedule() != null;
        envelope = new Envelope(lane.plan().id(), index, lane.message());
        ledger = new Ledger(lane.plan().timeoutNs());
    }

    // ---- Asking
    // ------------------------------------------------------------------------------------------------------

    @Override
    public void start() {
        started = true;
        fill(System.nanoTime());
    }

    /** Sends what the window, and in an open loop the schedule, has room for. */
    private void fill(long nowNs) {
        if (openLoop) {
            while (turn < due && canAsk(nowNs)) {
                ask(lane.dueNs(index, turn++), nowNs);
            }
        } else if (started && !stopped) {
            while (canAsk(nowNs)) {
                ask(nowNs, nowNs);
            }
        }
        flush();
    }

    private boolean canAsk(long nowNs) {
        return inFlight < window && open && channel.isWritable() && ledger.hasRoom(nowNs);
    }

    private void ask(long whenNs, long nowNs) {
        int size = envelope.size();
        ByteBuf datagram = channel.alloc().directBuffer(size, size);
        envelope.write(datagram, ledger.next(), nowNs);
        channel.write(datagram, channel.voidPromise());
        written = true;
        ledger.sent(whenNs, nowNs);
        inFlight++;
        Slice slice = lane.of(whenNs);
        slice.count(Count.SENT, 1);
        slice.count(Count.BYTES_SENT, size);
        if (openLoop) {
            slice.record(Timing.SEND_LAG, nowNs - (readyNs - whenNs > 0 ? readyNs : whenNs));
        }
    }

    @Override
    public void due(long whenNs, long nowNs) {
        due++;
        if (due - turn == 1 && canAsk(nowNs)) {
            turn++;
            ask(whenNs, nowNs);
        }
    }

    @Override
    public boolean hasUnflushed() {
        return written;
    }

    @Override
    public void flush() {
        if (written) {
            written = false;
            channel.flush();
        }
    }

    // ---- Answers
    // -----------------------------------------------------------------------------------------------------

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        DatagramPacket packet = (DatagramPacket) message;
        if (ctx.channel() == channel) {
            received(packet.content(), System.nanoTime());
        }
        packet.release();
    }

    private void received(ByteBuf bytes, long nowNs) {
        if (!envelope.isOn(bytes)) {
            lane.of(nowNs).count(Count.CORRUPT, 1);
            return;
        }
        expire(nowNs);
        long number = envelope.number(bytes);
        long sentNs = envelope.sentNs(bytes);
        Ledger.Fate fate = ledger.answered(number, sentNs);
        long dueNs = ledger.remembers(number) ? ledger.dueNs(number) : sentNs;
        Slice slice = lane.of(fate == Ledger.Fate.CORRUPT ? nowNs : dueNs);
        slice.count(fate.count(), 1);
        if (fate == Ledger.Fate.LATE) {
            slice.count(Count.LOST, -1);
        }
        if (fate != Ledger.Fate.IN_TIME && fate != Ledger.Fate.REORDERED) {
            return;
        }
        inFlight--;
        slice.count(Count.ANSWERED, 1);
        slice.count(Count.BYTES_RECEIVED, bytes.readableBytes());
        slice.record(Timing.RESPONSE, nowNs - dueNs);
        if (openLoop) {
            slice.record(Timing.SERVICE, nowNs - sentNs);
        }
    }

    private void expire(long nowNs) {
        sweptNs = nowNs;
        ledger.sweep(nowNs, this);
    }

    @Override
    public void failed(long dueNs, long sentNs) {
        inFlight--;
        lane.of(dueNs).count(Count.LOST, 1);
        failed(dueNs, sweptNs, "no answer in time");
    }

    private void failed(long dueNs, long nowNs, String why) {
        Slice slice = lane.of(dueNs);
        slice.count(Count.FAILED, 1);
        slice.error(ErrorKind.TIMEOUT, 1, wire + ": " + why);
        slice.record(Timing.UNANSWERED, nowNs - dueNs);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (ctx.channel() == channel) {
            again(System.nanoTime());
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel() == channel && channel.isWritable()) {
            again(System.nanoTime());
        }
    }

    private void again(long nowNs) {
        if (turn < due) {
            readyNs = nowNs; // What waits was held back until now.
        }
        fill(nowNs);
    }

    // ---- Life
    // --------------------------------------------------------------------------------------------------------

    @Override
    public void open() {
        if (finished) {
            return;
        }
        connectNs = System.nanoTime();
        ChannelFuture connecting = wire.connect(this);
        channel = connecting.channel();
        connecting.addListener(future -> {
            if (connecting.channel() != channel) {
                return;
            }
            if (future.isSuccess()) {
                opened();
            } else {
                broken(
                        ErrorKind.ofConnect(future.cause()),
                        String.valueOf(future.cause().getMessage()));
            }
            settled();
        });
    }

    private void opened() {
        open = true;
        readyNs = System.nanoTime();
        lane.now().record(Timing.CONNECT, readyNs - connectNs);
        lane.now().count(Count.OPENED, 1);
        fill(readyNs);
    }

    private void settled() {
        if (!told) {
            told = true;
            lane.settled();
        }
    }

    private void broken(ErrorKind kind, String why) {
        channel = null;
        open = false;
        written = false;
        lane.now().error(kind, 1, wire + ": " + why);
        lane.loop().schedule(this::open, AGAIN_AFTER_MS, TimeUnit.MILLISECONDS);
    }

    /** The kernel tells that nobody listens (ICMP), and goes on. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (ctx.channel() == channel) {
            lane.now().error(ErrorKind.ofDatagram(cause), 1, wire + ": " + cause.getMessage());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (ctx.channel() == channel) {
            broken(ErrorKind.OTHER, "the socket was closed");
        }
    }

    @Override
    public void sweep(long nowNs) {
        expire(nowNs);
        while (turn < due && nowNs - lane.dueNs(index, turn) >= lane.plan().timeoutNs()) {
            long dueNs = lane.dueNs(index, turn++);
            lane.of(dueNs).count(Count.UNSENT, 1);
            failed(dueNs, nowNs, "not sent in time");
        }
        again(nowNs);
    }

    @Override
    public boolean stop(long nowNs) {
        stopped = true;
        sweep(nowNs);
        return !ledger.unsettled() && turn == due;
    }

    @Override
    public void finish(long nowNs) {
        finished = true;
        ledger.giveUp((dueNs, sentNs) -> unfinished(dueNs, nowNs));
        for (; turn < due; turn++) {
            lane.of(lane.dueNs(index, turn)).count(Count.UNSENT, 1);
            unfinished(lane.dueNs(index, turn), nowNs);
        }
        Channel last = channel;
        channel = null;
        open = false;
        if (last != null) {
            last.close();
        }
    }

    private void unfinished(long dueNs, long nowNs) {
        lane.of(dueNs).count(Count.UNFINISHED, 1);
        lane.of(dueNs).record(Timing.UNANSWERED, nowNs - dueNs);
    }

    @Override
    public boolean isOpen() {
        return open;
    }
}

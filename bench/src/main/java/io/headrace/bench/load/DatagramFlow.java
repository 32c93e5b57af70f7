package io.headrace.bench.load;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.TimeUnit;

/**
 * A connected datagram socket whose requests carry who sent them, their number and when, and are expected back as they are. Mode udp: a
 * closed loop keeps a window of them in flight, and one that failed makes room; an open loop sends them when they are due.
 */
final class DatagramFlow implements Pacer.Paced, Datagrams.Listener, Ledger.Failing {
    private static final long AGAIN_AFTER_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Lane lane;
    private final int index;
    private final Wire wire;
    private final int window;
    private final boolean openLoop;
    private final Envelope envelope;
    private final Ledger ledger;

    private Datagrams socket;
    private boolean open;
    private boolean told;
    private boolean started;
    private boolean stopped;
    private boolean finished;
    private long connectNs;

    private int inFlight;
    private long turn; // Of the schedule: how many requests were sent or given up.
    private long due; // Of the schedule: how many are due.
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
        flush();
    }

    /** Sends what the window, and in an open loop the schedule, has room for. */
    private void fill(long nowNs) {
        if (openLoop) {
            while (turn < due && canAsk(nowNs) && ask(lane.dueNs(index, turn), nowNs)) {
                turn++;
            }
        } else if (started && !stopped) {
            while (canAsk(nowNs) && ask(nowNs, nowNs)) {
                // One after the other.
            }
        }
    }

    private boolean canAsk(long nowNs) {
        return inFlight < window && open && socket.canTake() && ledger.hasRoom(nowNs);
    }

    private boolean ask(long whenNs, long nowNs) {
        if (!socket.send(envelope.of(ledger.next(), nowNs))) {
            return false;
        }
        ledger.sent(whenNs, nowNs);
        inFlight++;
        Slice slice = lane.of(whenNs);
        slice.count(Count.SENT, 1);
        slice.count(Count.BYTES_SENT, envelope.size());
        return true;
    }

    @Override
    public void due(long whenNs, long nowNs) {
        due++;
        if (due - turn == 1 && canAsk(nowNs) && ask(whenNs, nowNs)) {
            turn++;
        }
    }

    @Override
    public boolean hasUnflushed() {
        return open && socket.hasUnflushed();
    }

    @Override
    public void flush() {
        if (open) {
            socket.flush();
        }
    }

    // ---- Answers
    // -----------------------------------------------------------------------------------------------------

    @Override
    public void received(ByteBuf bytes, long nowNs) {
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
        } else {
            fill(nowNs); // At once, so that it is as old as its time says.
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
    public void receivedAll() {
        again(System.nanoTime());
    }

    @Override
    public void writable() {
        again(System.nanoTime());
    }

    private void again(long nowNs) {
        fill(nowNs);
        flush();
    }

    // ---- Life
    // --------------------------------------------------------------------------------------------------------

    @Override
    public void open() {
        if (finished) {
            return;
        }
        connectNs = System.nanoTime();
        socket = wire.datagrams(this);
        socket.open();
    }

    @Override
    public void opened() {
        open = true;
        long nowNs = System.nanoTime();
        Slice slice = lane.of(lane.counts(connectNs));
        slice.record(Timing.CONNECT, nowNs - connectNs);
        slice.count(Count.OPENED, 1);
        fill(nowNs);
        flush();
        settled();
    }

    private void settled() {
        if (!told) {
            told = true;
            lane.settled();
        }
    }

    @Override
    public void broken(Throwable cause) {
        open = false;
        lane.now().error(ErrorKind.ofDatagram(cause), 1, wire + ": " + cause.getMessage());
        lane.schedule(this::open, AGAIN_AFTER_NS);
        settled();
    }

    @Override
    public void undelivered(Throwable cause) {
        lane.now().error(ErrorKind.ofDatagram(cause), 1, wire + ": " + cause.getMessage());
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
        open = false;
        if (socket != null) {
            socket.close();
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

package io.headrace.tcp;

import io.headrace.CloseReason;
import io.headrace.ConnectionInfo;
import io.headrace.Session;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NotYetConnectedException;

/**
 * How one stream ends, once.
 *
 * <pre>
 *  OPEN --end(reason)--> ENDING --nothing owed--> LINGERING --peer's FIN, 1 s or 256 KiB--> CLOSED
 *    '------ reset, or cut(reason) ----'-------------------'------------------------------------^
 * </pre>
 *
 * <p>OPEN: messages flow. ENDING: no more input is taken; what was sent leaves first, and where the peer may rightly wait for answers, open exchanges end first. LINGERING:
 * our side is shut down and what still comes is thrown away, because closing a socket with input unread sends a reset that can destroy what
 * the peer has not read yet (RFC 1122, 4.2.2.13). The first reason to end is the reason.
 *
 * <p>Event loop only, but for {@link #open} and {@link #closed}; {@link EndNotice} tells those who ask for the reason.
 */
abstract sealed class StreamEnd<I, O> extends StreamTraffic<I, O> implements Lingering.Waiting permits StreamLife {

    private enum Phase {
        OPEN,
        ENDING,
        LINGERING,
        CLOSED
    }

    private volatile Phase phase = Phase.OPEN;
    Session<? super I> session;
    private CloseReason reason;
    private CloseReason askedFor; // Why its session was asked to end.
    private int lingeredBytes;
    boolean counted;
    boolean welcomed;
    private boolean waitsForExchanges;
    private boolean flushingLast;
    private boolean peerFinished;

    StreamEnd(DuplexChannel channel, StreamLoop<I, O> loop, long openedNs) {
        super(channel, loop, openedNs);
    }

    // ---- what is heard of the peer

    @Override
    void bytesReceived(int bytes) {
        if (phase == Phase.LINGERING) {
            lingeredBytes += bytes;
        }
        super.bytesReceived(bytes);
    }

    /** A batch of input or an exchange is over: perhaps nothing is owed any more. */
    void batchEnded() {
        if (phase == Phase.ENDING) {
            closeWhenQuiet();
        } else if (phase == Phase.LINGERING
                && channel.isOpen()
                && loop.lingering().sentTooMuch(lingeredBytes)) {
            channel.close();
        }
    }

    void peerFinished() {
        peerFinished = true;
        if (phase == Phase.LINGERING) {
            channel.close();
        } else if (phase == Phase.OPEN && (session == null || session.peerFinished())) {
            end(CloseReason.PEER_FINISHED);
        }
    }

    /** A ChannelInitializer that throws has closed the channel, and nobody else. */
    void closedUnasked() {
        if (reason == null) {
            reason = CloseReason.HANDLER_FAILED;
        }
    }

    // ---- ending

    /** Ends it gracefully. The first reason stands; a later one that does not wait for open exchanges only makes it quicker. */
    void end(CloseReason why) {
        if (cutsOff(why)) {
            cut(why);
            return;
        }
        switch (phase) {
            case OPEN -> {
                phase = Phase.ENDING;
                reason = why == CloseReason.DRAINED && askedFor != null ? askedFor : why; // A session may answer later.
                waitsForExchanges = waitsForExchanges(why);
                inflow.hold(Inflow.ENDING);
                closeWhenQuiet();
            }
            case ENDING -> {
                waitsForExchanges &= waitsForExchanges(why);
                closeWhenQuiet();
            }
            case LINGERING, CLOSED -> {}
        }
    }

    /** After these what waits to be sent would wait for ever, or its memory is what is wanted. */
    private boolean cutsOff(CloseReason why) {
        return switch (why) {
            case WRITE_STALLED, FORCED, SLOW_CONSUMER, OUTBOUND_BUDGET, MEMORY_PRESSURE, OOM_DIRECT -> true;
            case TOO_SLOW -> outflow.pendingBytes() > 0;
            default -> false;
        };
    }

    /** After these the peer may rightly wait for what it asked before. */
    private static boolean waitsForExchanges(CloseReason why) {
        return switch (why) {
            case PEER_FINISHED, DRAINED, MAX_AGE, FRAME_TOO_LARGE, FRAME_MALFORMED, MESSAGE_MALFORMED -> true;
            default -> false;
        };
    }

    private void closeWhenQuiet() {
        if (!channel.isRegistered()) { // A stage ended it while its line was laid.
            cut(reason);
            return;
        }
        if (flushingLast || (waitsForExchanges && tail.openExchanges() > 0)) {
            return;
        }
        flushingLast = true;
        outflow.flushLast(this::shutDown);
    }

    /** Everything owed has left. */
    private void shutDown() {
        if (phase != Phase.ENDING) {
            return;
        }
        outflow.settle();
        phase = Phase.LINGERING;
        tail.abandon();
        if (peerFinished || !channel.isActive()) {
            channel.close();
        } else {
            linger();
        }
    }

    private void linger() {
        Socket socket = StreamBackend.shutdownDescriptor(channel);
        if (socket == null) {
            channel.shutdownOutput();
        } else {
            try {
                socket.shutdown(false, true); // Netty's own way makes an exception with a stack trace each time.
            } catch (IOException | NotYetConnectedException gone) {
                channel.close();
                return;
            }
        }
        loop.lingering().add(this, loop.open().nanoTime());
        inflow.drain();
    }

    @Override
    public boolean finished(ByteBuffer waste) {
        return !channel.isOpen(); // Its event loop tells when the peer has finished.
    }

    @Override
    public void cutOff() {
        cut(CloseReason.APPLICATION);
    }

    /** Ends it at once; returns how many bytes were dropped. */
    long cut(CloseReason why) {
        if (phase == Phase.CLOSED) {
            return 0;
        }
        if (reason == null) {
            reason = why;
        }
        outflow.settle();
        long dropped = outflow.droppedBytes();
        if (channel.isRegistered()) {
            channel.close();
            outflow.cutOff();
        } else {
            channel.unsafe().closeForcibly();
            ended();
        }
        return dropped;
    }

    /** The socket is gone. */
    void ended() {
        if (phase == Phase.CLOSED) {
            return;
        }
        if (reason == null) {
            reason = peerFinished ? CloseReason.PEER_FINISHED : CloseReason.PEER_RESET;
        }
        phase = Phase.CLOSED;
        if (forgetQueue() > 0 && reason == CloseReason.PEER_FINISHED) {
            reason = CloseReason.PEER_RESET; // It left before it had what it was owed.
        }
        if (counted) {
            long ageNs = progress.ageNs(loop.open().nanoTime());
            loop.closed(self(), reason, ageNs);
            if (ownWatch != null && welcomed) {
                ownWatch.closed(reason, ageNs);
            }
        }
        tail.abandon();
        outflow.wakeWaiting();
        if (session != null) {
            try {
                session.closed(reason);
            } catch (Throwable failure) {
                tail.faulty(failure);
            }
        }
        tellClosed(reason);
    }

    /** What is told of the queue must add up to nothing at the end. Returns how many bytes were dropped. */
    private long forgetQueue() {
        long dropped = outflow.ended();
        if (dropped > 0) {
            loop.open().watch().bytesDropped(dropped);
            if (ownWatch != null) {
                ownWatch.bytesDropped(dropped);
            }
        }
        if (outflow.writable(true)) {
            tellWritable(true);
        }
        return dropped;
    }

    @Override
    public void violated(CloseReason why, String detail) {
        if (reason == null) { // One that was cut off stays open until its socket is gone, and may fail once more.
            loop.reports().warn(why.tag(), () -> self().label() + ": " + detail, null);
        }
        end(why);
    }

    /** Asks its session to end, once, and ends it where that agrees. */
    void ask(CloseReason why) {
        if (phase != Phase.OPEN || askedFor != null) {
            return;
        }
        askedFor = why;
        try {
            if (session == null || session.draining()) {
                end(why);
            }
        } catch (Throwable failure) {
            self().fail(failure);
        }
    }

    // ---- where it stands

    @Override
    public boolean over() {
        return !open();
    }

    /** Messages are taken and may be sent. Any thread. */
    boolean open() {
        return phase == Phase.OPEN;
    }

    /** The peer has finished, and the application goes on. */
    boolean halfClosed() {
        return peerFinished && phase == Phase.OPEN;
    }

    /** Answers still leave. */
    boolean writes() {
        return phase == Phase.OPEN || (phase == Phase.ENDING && !flushingLast);
    }

    ConnectionInfo.State state() {
        return switch (phase) {
            case OPEN -> ConnectionInfo.State.OPEN;
            case ENDING -> ConnectionInfo.State.ENDING;
            case LINGERING, CLOSED -> ConnectionInfo.State.LINGERING; // A closed one is on no list.
        };
    }
}

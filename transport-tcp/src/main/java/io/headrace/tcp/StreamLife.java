package io.headrace.tcp;

import io.headrace.CloseReason;
import io.headrace.Session;
import io.headrace.Sweep;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.Socket;
import java.nio.channels.SelectableChannel;
import java.util.List;

/**
 * The life of one stream: its opening, and what is heard of its peer. {@link StreamEnd} is how it ends.
 *
 * <p>Event loop only, but for what that says.
 */
abstract sealed class StreamLife<I, O> extends StreamEnd<I, O> permits StreamConnection {

    StreamLife(DuplexChannel channel, StreamLoop<I, O> loop, long openedNs) {
        super(channel, loop, openedNs);
    }

    // ---- opening

    /** An accepted channel: lays its line, and has the event loop watch it. */
    void start() {
        count();
        try {
            lay();
        } catch (Throwable failure) {
            tail.faulty(failure);
            cut(CloseReason.HANDLER_FAILED);
            return;
        }
        if (open()) {
            ChannelPromise registered = channel.newPromise();
            channel.unsafe().register(loop.open().eventLoop(), registered);
            if (registered.cause() != null) {
                tail.faulty(registered.cause());
                cut(CloseReason.IO_ERROR);
            } else if (!channel.isOpen()) {
                closedUnasked();
            }
        }
    }

    /** A fresh connection has become this one: it is counted, and the application knows it. */
    void grown(Session<? super I> session, Sockets<?> sockets) {
        this.session = session;
        counted = true;
        welcomed = true;
        loop.adopted(self());
        try {
            sockets.prepare(channel);
        } catch (ChannelException gone) {
            cut(CloseReason.PEER_RESET);
            return;
        }
        if (channel.isActive()) {
            start();
        } else {
            cut(CloseReason.PEER_RESET);
        }
    }

    /** The channel is connected and watched by its event loop. */
    void active() {
        count();
        welcome();
    }

    private void count() {
        if (!counted) {
            counted = true;
            loop.opened(self());
        }
    }

    /** Tells the application. */
    private void welcome() {
        if (welcomed || !open()) {
            return; // A handler has failed before the application could know it.
        }
        welcomed = true;
        if (ownWatch != null) {
            ownWatch.opened();
        }
        try {
            session = loop.application().session(self());
            if (session != null) {
                session.opened();
            }
        } catch (Throwable failure) {
            self().fail(failure);
        }
    }

    // ---- what is heard of the peer

    /** The queue toward the peer is over its high mark, or under its low one again. */
    void writability(boolean writable) {
        if (!outflow.writable(writable)) {
            return;
        }
        outflow.tell();
        tellWritable(writable);
        if (writable) {
            inflow.letGo(Inflow.PRESSURE);
            outflow.wakeWaiting();
        } else {
            inflow.hold(Inflow.PRESSURE); // A peer that does not read from us is not read from.
        }
        if (session != null && open()) {
            try {
                session.writable(writable);
            } catch (Throwable failure) {
                self().fail(failure);
            }
        }
    }

    @Override
    void sweep(List<Sweep> sweeps, long nowNs) {
        if ((halfClosed() || mayHaveMissedReset()) && peerReset()) {
            cut(CloseReason.PEER_RESET);
        } else {
            super.sweep(sweeps, nowNs);
        }
    }

    /** Where a request to receive stays armed, Linux may lose a reset that comes right behind what it delivers. So who falls silent is asked about once. */
    private boolean mayHaveMissedReset() {
        return open() && fellSilent() && StreamBackend.staysArmed(channel);
    }

    /** A reset that comes after the peer's FIN is told by no read: only asking finds it. Linux; on NIO those of a round are asked about together. */
    private boolean peerReset() {
        SelectableChannel selectable = StreamBackend.selectable(channel);
        if (selectable != null) {
            loop.hangUps().ask(selectable, () -> cut(CloseReason.PEER_RESET));
            return false;
        }
        Socket socket = self().socket();
        RawTcpInfo info = socket == null ? null : RawTcpInfo.of(socket);
        return info != null && info.state() == RawTcpInfo.STATE_CLOSE;
    }
}

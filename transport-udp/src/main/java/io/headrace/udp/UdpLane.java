package io.headrace.udp;

import io.headrace.Codec;
import io.headrace.DropReason;
import io.headrace.ExchangeOwner;
import io.headrace.MalformedMessageException;
import io.headrace.OpenEndpoint;
import io.headrace.OpenLoop;
import io.headrace.Outcome;
import io.headrace.Peer;
import io.headrace.Reports;
import io.headrace.SeparateExchanges;
import io.headrace.Text;
import io.headrace.Watch;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.Channel;
import io.netty.util.ReferenceCountUtil;
import java.net.SocketAddress;
import java.util.concurrent.RejectedExecutionException;

/**
 * The application's end of a datagram socket on one event loop, where datagrams become exchanges and answers become datagrams. A socket has
 * one, on its own loop, or where it {@linkplain UdpOptions#spread() spreads} its peers one on each loop.
 *
 * <p>Event loop only, unless a method says otherwise.
 */
final class UdpLane<I, O> implements ExchangeOwner<O> {
    private final OpenLoop loop;
    private final Channel channel;
    private final Codec<I, O> codec;
    private final Reports reports;
    private final UdpSocket<I, O> socket;
    private final SeparateExchanges<O> exchanges;
    private final UdpPeer<O> everyPeer; // Null where user code may hold peers: then each datagram has its own.
    private final boolean connected;
    private final Handover handover;
    private final UdpSessions<O> sessions; // Null where peers are not remembered.
    // Set when the line is laid.
    private Watch watch;
    private Exit exit;

    private volatile Runnable stopSweeping = () -> {};
    private Runnable whenEmpty; // Null before the drain.

    /** Every datagram is one peer's if {@code onlyPeer} is not null. */
    UdpLane(OpenEndpoint endpoint, OpenLoop loop, UdpSocket<I, O> socket, UdpOptions options, SocketAddress onlyPeer) {
        this.loop = loop;
        this.socket = socket;
        this.channel = socket.channel();
        this.codec = endpoint.codec();
        this.reports = endpoint.reports();
        this.exchanges = new SeparateExchanges<>(loop, this);
        this.everyPeer = exchanges.held() && onlyPeer == null ? null : new UdpPeer<>(this, onlyPeer, Long.MAX_VALUE);
        this.connected = onlyPeer != null;
        this.sessions = loop.application().sessions() == null
                ? null
                : new UdpSessions<>(this, loop, endpoint.reports(), options.maxSessions(), options.sessionIdle());
        this.handover = new Handover(loop.eventLoop(), () -> watch.datagramDropped(DropReason.SEND_QUEUE_FULL));
    }

    /** The line is laid; the socket is not open yet. */
    void laid(Watch told, Exit way) {
        watch = told;
        exit = way;
        if (sessions != null) {
            sessions.watch(told);
        }
    }

    /** Begins to hear. Starting thread. */
    void begin() {
        if (sessions != null) {
            stopSweeping = loop.onSweep(sessions.resolution(), sessions::sweep);
        }
    }

    OpenLoop loop() {
        return loop;
    }

    Watch watch() {
        return watch;
    }

    Channel channel() {
        return channel;
    }

    /** The sessions of its peers; null where they are not remembered. */
    UdpSessions<O> sessions() {
        return sessions;
    }

    private UdpPeer<O> peer(SocketAddress sender, long allowance) {
        if (connected) {
            return everyPeer;
        }
        return everyPeer == null ? new UdpPeer<>(this, sender, allowance) : everyPeer.at(sender, allowance);
    }

    /** Takes ownership of its content. So many bytes may go back for it. */
    void received(AddressedEnvelope<?, ?> datagram, long allowance) {
        Object content = datagram.content();
        SocketAddress sender = datagram.sender();
        Object message;
        try {
            message = codec.receive(content);
        } catch (Throwable fault) {
            malformed(fault, sender);
            return;
        }
        Object kept = message == content && exchanges.held() ? socket.byItself(content) : message;
        if (sessions != null) {
            sessions.received(kept, sender, datagram.recipient(), allowance);
            return;
        }
        deliver(kept, peer(sender, allowance), datagram.recipient());
    }

    /** Lets the application handle a message that came to this address of ours. Takes ownership. */
    void deliver(Object message, UdpPeer<O> peer, SocketAddress recipient) {
        if (!connected) {
            peer.cameTo(recipient);
        }
        if (!exchanges.received(message, peer)) {
            watch.datagramDropped(DropReason.TOO_MANY_OPEN);
            reports.warn("datagram refused", () -> "too many are unanswered; this one from " + peer, null);
        }
    }

    /** A copy of a message for which its batch need not be kept. Takes ownership. */
    Object byItself(Object message) {
        return socket.byItself(message);
    }

    private void malformed(Throwable fault, SocketAddress sender) {
        watch.datagramDropped(DropReason.MALFORMED);
        reports.warn(
                "malformed datagram dropped",
                () -> Text.escaped(String.valueOf(fault.getMessage())) + ", from " + Text.of(sender),
                fault instanceof MalformedMessageException ? null : fault);
    }

    /** The socket has given all it had for now. */
    void batchEnded() {
        loop.batchEnded();
        exit.batchEnded();
    }

    /** Sends to this peer; false when it may not be sent so much, the socket is closed or its queue is full. Any thread. Consumes {@code message}. */
    boolean send(UdpPeer<O> peer, O message) {
        return send(peer, message, Segments.WHOLE);
    }

    /** The same, in several datagrams of this many bytes each. */
    boolean send(UdpPeer<O> peer, O message, int segmentBytes) {
        boolean handedOver =
                OpenLoop.handOver(message); // Consumed, so the exchange it came in with must not release it again.
        if (loop.eventLoop().inEventLoop()) {
            return sendNow(peer, message, segmentBytes, handedOver);
        }
        if (!execute(() -> sendNow(peer, message, segmentBytes, handedOver))) {
            ReferenceCountUtil.release(message);
            return false;
        }
        return true;
    }

    /** Sends to this address, whoever asked for it. Any thread. */
    boolean send(SocketAddress address, O message) {
        return send(new UdpPeer<>(this, address, Long.MAX_VALUE), message);
    }

    private boolean sendNow(UdpPeer<O> peer, O message, int segmentBytes, boolean handedOver) {
        if (!handedOver) {
            exchanges.handOver(message);
        }
        if (!channel.isOpen() || peer.ended()) {
            ReferenceCountUtil.release(message);
            return false;
        }
        Object encoded;
        try {
            encoded = encode(message);
        } catch (Throwable fault) {
            faulty(fault);
            return false;
        }
        return transmit(peer, encoded, segmentBytes);
    }

    /** Has the event loop run this soon; false when the socket is closed or too much is under way already. Any thread. */
    boolean execute(Runnable task) {
        return channel.isOpen() && handover.execute(task);
    }

    @Override
    public Object encode(O answer) throws Exception {
        return codec.transmit(answer, channel.alloc());
    }

    /** Sends what was encoded, or drops it and says why; null when it was taken. Takes ownership. */
    DropReason transmit(SocketAddress peer, Object encoded) {
        return exit.send(peer, encoded);
    }

    private boolean transmit(UdpPeer<O> peer, Object encoded, int segmentBytes) {
        int datagrams = 1;
        if (encoded instanceof ByteBuf bytes) {
            datagrams = Segments.count(bytes.readableBytes(), segmentBytes);
            if (!peer.spend(bytes.readableBytes(), datagrams)) {
                overLimit(peer, bytes);
                return false;
            }
        }
        peer.used();
        return datagrams == 1
                ? transmit(peer.address(), encoded) == null
                : Segments.send((ByteBuf) encoded, segmentBytes, peer.address(), channel, exit);
    }

    private void overLimit(UdpPeer<O> peer, ByteBuf bytes) {
        watch.datagramDropped(DropReason.REPLY_LIMIT);
        int length = bytes.readableBytes();
        SocketAddress address = peer.address();
        reports.warn(
                "reply over the limit dropped",
                () -> length + " bytes to " + Text.of(address)
                        + " for a short request; ReplyLimit.times(n) allows more, ReplyLimit.off() anything",
                null);
        bytes.release();
    }

    @Override
    public void answer(Peer<O> peer, Object encoded) {
        transmit((UdpPeer<O>) peer, encoded, Segments.WHOLE);
    }

    /** A datagram may always be lost, so silence is an answer. */
    @Override
    public void unanswered(Peer<O> peer, Outcome outcome, Throwable cause) {}

    @Override
    public void faulty(Throwable cause) {
        reports.warn("handler failed", Text.escaped(String.valueOf(cause)), cause);
    }

    /** Runs {@code task} on the event loop when the socket's queue has room, or the socket has closed. Any thread. */
    void whenWritable(Runnable task) {
        socket.whenWritable(() -> {
            if (loop.eventLoop().inEventLoop()) {
                task.run();
                return;
            }
            try {
                loop.eventLoop().execute(task);
            } catch (RejectedExecutionException loopEnded) {
                task.run();
            }
        });
    }

    @Override
    public void settled() {
        lookWhetherEmpty();
    }

    private void lookWhetherEmpty() {
        if (whenEmpty != null && open() == 0) {
            exit.flush();
            whenEmpty.run();
        }
    }

    private int open() {
        return exchanges.open() + (sessions == null ? 0 : sessions.open());
    }

    /** Runs {@code empty} as soon as no exchange or session is open and all answers are on their way; says how many are open. */
    int drain(Runnable empty) {
        int open = open();
        whenEmpty = empty;
        if (sessions != null) {
            sessions.drain();
        }
        lookWhetherEmpty();
        return open;
    }

    /** Ends what is open, and says how much that was. The socket is still open. */
    int close() {
        whenEmpty = null;
        int open = open();
        stopSweeping.run();
        exchanges.abandon();
        if (sessions != null) {
            sessions.force();
        }
        exit.flush();
        return open;
    }
}

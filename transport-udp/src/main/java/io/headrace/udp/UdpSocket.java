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
import io.headrace.Transport.Listener.Forced;
import io.headrace.Watch;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One datagram socket on its event loop: the application's end of the line, where datagrams become exchanges and answers become
 * datagrams.
 *
 * <pre>
 *  open, not reading --read--> reading --stopReading--> answering --drain, then close--> closed
 * </pre>
 *
 * <p>Nothing that a peer sends, a handler throws or the system reports ends it. Event loop only, unless a method says otherwise.
 */
final class UdpSocket<I, O> extends ChannelInboundHandlerAdapter implements ExchangeOwner<O>, Tally.Listener {
    /** Rounds of a millisecond in which a flood of datagrams may put off the end of reading. */
    private static final int MAX_LAST_ROUNDS = 64;

    private final OpenLoop loop;
    private final Channel channel;
    private final Codec<I, O> codec;
    private final Reports reports;
    private final SeparateExchanges<O> exchanges;
    private final UdpPeer<O> everyPeer; // Null where user code may hold peers: then each datagram has its own.
    private final boolean connected;
    private final Handover handover;
    private final UdpSessions<O> sessions; // Null where peers are not remembered.
    private final List<Runnable> whenWritable = new ArrayList<>();
    // Set when the line is laid.
    private Watch watch;
    private SocketEnd end;
    private boolean countsByItself;
    private Outflow outflow;

    private Consumer<Throwable> failureListener = cause -> {};
    private volatile Runnable stopSweeping = () -> {};
    private long datagrams;
    private boolean readingEnded;
    private Runnable whenEmpty; // Null before the drain.

    /** Every datagram is one peer's if {@code onlyPeer} is not null. */
    UdpSocket(OpenEndpoint endpoint, OpenLoop loop, UdpOptions options, Channel channel, SocketAddress onlyPeer) {
        this.loop = loop;
        this.channel = channel;
        this.codec = endpoint.codec();
        this.reports = endpoint.reports();
        this.exchanges = new SeparateExchanges<>(loop, this);
        this.everyPeer = exchanges.held() && onlyPeer == null ? null : new UdpPeer<>(this, onlyPeer, Long.MAX_VALUE);
        this.connected = onlyPeer != null;
        this.sessions = loop.application().sessions() == null
                ? null
                : new UdpSessions<>(this, loop, endpoint.reports(), options);
        this.handover = new Handover(loop.eventLoop(), () -> watch.datagramDropped(DropReason.SEND_QUEUE_FULL));
    }

    /** Who sent it; null when the application would not have its session. */
    private UdpPeer<O> peer(SocketAddress sender) {
        if (connected) {
            return everyPeer;
        }
        long allowance = end.allowance();
        if (sessions != null) {
            return sessions.of(sender, allowance);
        }
        return everyPeer == null ? new UdpPeer<>(this, sender, allowance) : everyPeer.at(sender, allowance);
    }

    /** The line is laid; the socket is not open yet. */
    void laid(UdpLine line, SocketEnd end) {
        this.watch = line.watch();
        if (sessions != null) {
            sessions.watch(watch);
        }
        this.end = end;
        this.countsByItself = !line.handlers();
        this.outflow = new Outflow(channel, connected, watch, reports, countsByItself ? end : null);
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

    /** Tells {@code listener} of every send that fails and every error that the system reports. Before reading begins. */
    void onFailure(Consumer<Throwable> listener) {
        failureListener = listener;
    }

    /** Begins to read. Starting thread. */
    void read() {
        if (sessions != null) {
            stopSweeping = loop.onSweep(sessions.resolution(), sessions::sweep);
        }
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
        if (countsByItself && !end.admits(datagram)) {
            datagram.release();
        } else {
            received(datagram);
        }
    }

    /** Takes ownership of its content. */
    private void received(AddressedEnvelope<?, ?> datagram) {
        Object content = datagram.content();
        SocketAddress sender = datagram.sender();
        Object message;
        try {
            message = codec.receive(content);
        } catch (Throwable fault) {
            malformed(fault, sender);
            return;
        }
        Object kept = message == content && exchanges.held() ? copy(content) : message;
        UdpPeer<O> peer = peer(sender);
        if (peer == null) {
            ReferenceCountUtil.release(kept);
            return;
        }
        if (!connected) {
            peer.cameTo(datagram.recipient());
        }
        if (!exchanges.received(kept, peer)) {
            watch.datagramDropped(DropReason.TOO_MANY_OPEN);
            reports.warn("datagram refused", () -> "too many are unanswered; this one from " + Text.of(sender), null);
        }
    }

    private void malformed(Throwable fault, SocketAddress sender) {
        watch.datagramDropped(DropReason.MALFORMED);
        reports.warn(
                "malformed datagram dropped",
                () -> Text.escaped(String.valueOf(fault.getMessage())) + ", from " + Text.of(sender),
                fault instanceof MalformedMessageException ? null : fault);
    }

    /** A datagram that is held for long would hold the buffer of its whole batch with it. */
    private Object copy(Object content) {
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
        loop.batchEnded();
        outflow.batchEnded();
    }

    /** The system reported an error, or a handler on the line threw: never a reason to close a socket that serves every peer. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        reports.warn(
                "error on the socket",
                Text.escaped(String.valueOf(cause)),
                cause instanceof IOException ? null : cause);
        failureListener.accept(cause);
    }

    @Override
    public void sendFailed(Throwable cause) {
        if (!(cause instanceof ClosedChannelException)) {
            reports.warn("datagram not sent", Text.escaped(String.valueOf(cause)), null);
        }
        failureListener.accept(cause);
    }

    /** Sends to this peer; false when it may not be sent so much, the socket is closed or its queue is full. Any thread. Consumes {@code message}. */
    boolean send(UdpPeer<O> peer, O message) {
        if (loop.eventLoop().inEventLoop()) {
            return sendNow(peer, message);
        }
        if (!execute(() -> sendNow(peer, message))) {
            ReferenceCountUtil.release(message);
            return false;
        }
        return true;
    }

    /** Sends to this address, whoever asked for it. */
    boolean send(SocketAddress address, O message) {
        return send(new UdpPeer<>(this, address, Long.MAX_VALUE), message);
    }

    private boolean sendNow(UdpPeer<O> peer, O message) {
        exchanges.handOver(message); // Consumed, so the exchange it came in with must not release it again.
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
        return transmit(peer, encoded);
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
        return outflow.send(peer, encoded);
    }

    private boolean transmit(UdpPeer<O> peer, Object encoded) {
        if (encoded instanceof ByteBuf bytes && !peer.spend(bytes.readableBytes())) {
            overLimit(peer, bytes);
            return false;
        }
        peer.used();
        return transmit(peer.address(), encoded) == null;
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
        transmit((UdpPeer<O>) peer, encoded);
    }

    /** A datagram may always be lost, so silence is an answer. */
    @Override
    public void unanswered(Peer<O> peer, Outcome outcome, Throwable cause) {}

    @Override
    public void faulty(Throwable cause) {
        reports.warn("handler failed", Text.escaped(String.valueOf(cause)), cause);
    }

    @Override
    public void settled() {
        lookWhetherEmpty();
    }

    @Override
    public void allSent() {
        lookWhetherEmpty();
    }

    private void lookWhetherEmpty() {
        if (whenEmpty != null
                && exchanges.open() == 0
                && openSessions() == 0
                && end.tally().empty()) {
            whenEmpty.run();
        }
    }

    private int openSessions() {
        return sessions == null ? 0 : sessions.open();
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
            outflow.batchEnded();
            ended.run();
        };
        loop.eventLoop().schedule(look, 1, TimeUnit.MILLISECONDS);
    }

    /** Runs {@code empty} as soon as no exchange or session is open and all answers have left; says how many are open. */
    int drain(Runnable empty) {
        int open = exchanges.open() + openSessions();
        whenEmpty = empty;
        if (sessions != null) {
            sessions.drain();
        }
        lookWhetherEmpty();
        return open;
    }

    /** Sends what can still be sent, ends what is open and closes the socket. */
    Forced close() {
        whenEmpty = null;
        outflow.flush();
        Forced forced =
                new Forced(exchanges.open() + openSessions(), end.tally().waitingBytes());
        stopSweeping.run();
        exchanges.abandon();
        if (sessions != null) {
            sessions.force();
        }
        channel.close();
        runWhenWritable();
        return forced;
    }
}

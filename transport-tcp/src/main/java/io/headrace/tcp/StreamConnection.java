package io.headrace.tcp;

import io.headrace.CloseReason;
import io.headrace.Connection;
import io.headrace.ExchangeOwner;
import io.headrace.Line;
import io.headrace.MalformedMessageException;
import io.headrace.OrderedExchanges;
import io.headrace.Outcome;
import io.headrace.Peer;
import io.headrace.Session;
import io.headrace.SessionHolder;
import io.headrace.Text;
import io.headrace.Watch;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.net.SocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * One stream: the last handler on its line, and the connection that the application sees.
 *
 * <pre>
 *  FRESH --register--> OPEN --end(reason)--> ENDING --nothing owed--> LINGERING --peer's FIN, 1 s or 256 KiB--> CLOSED
 *    '-- greeted without registering ---------------------------------^                                          ^
 *                       '------- reset, or cut(reason) -----------------------------------------------------------'
 * </pre>
 *
 * <p>FRESH: accepted, and no event loop watches it yet; a greeting leaves here for the fewest system calls. OPEN: messages flow. ENDING: no
 * more input is taken; what was sent leaves first, and where the peer may rightly wait for answers, open exchanges end first. LINGERING:
 * our side is shut down, what still comes is thrown away, because closing a socket with unread input sends a reset that can destroy what
 * the peer has not read yet (RFC 1122, 4.2.2.13). The first reason to end is the reason. Event loop only, but for what {@link
 * Connection} promises to any thread.
 */
final class StreamConnection<I, O> extends ChannelInboundHandlerAdapter
        implements Connection<O>, SessionHolder, Line, ExchangeOwner<O> {

    private enum Phase {
        FRESH,
        OPEN,
        ENDING,
        LINGERING,
        CLOSED
    }

    /** Open exchanges per connection; then reading stops until half of them have ended. */
    private static final int MAX_OPEN_EXCHANGES = 128;

    // Why reading is held back: reading goes on when no bit is set.
    private static final int HOLD_IN_FLIGHT = 1;
    private static final int HOLD_PRESSURE = 2;
    private static final int HOLD_ENDING = 4;

    private final DuplexChannel channel;
    private final StreamLoop<I, O> loop;
    private final OrderedExchanges<O> exchanges;
    private final Outflow<O> outflow;
    private final StreamProgress progress;
    private volatile Phase phase = Phase.FRESH;
    private Session<? super I> session;
    private CloseReason reason;
    private Watch ownWatch;
    private Runnable resume;
    private volatile CompletableFuture<CloseReason> closed;
    private int holds;
    private int handlers;
    private boolean counted;
    private boolean opened;
    private boolean inBatch;
    private boolean waitsForExchanges;
    private boolean peerFinished;
    private boolean flushingLast;
    private int lingeredBytes;
    /** Where it stands in its loop's list. */
    int index;

    StreamConnection(DuplexChannel channel, StreamLoop<I, O> loop) {
        this.channel = channel;
        this.loop = loop;
        this.exchanges = new OrderedExchanges<>(loop.open(), this, this);
        this.outflow = new Outflow<>(this, channel, loop.open());
        this.progress = new StreamProgress(outflow, loop.open().nanoTime());
    }

    // ---- opening

    /** An accepted or connected channel: lays its line, then opens it. */
    void start() {
        count();
        try {
            loop.open().install(channel, this);
        } catch (Throwable failure) {
            faulty(failure);
            cut(CloseReason.HANDLER_FAILED);
            return;
        }
        if (loop.application().listens() || handlers > 0 || StreamBackend.descriptor(channel) == null) {
            register();
        } else {
            welcome();
            if (phase == Phase.FRESH) {
                register(); // The application did not close it at once.
            }
        }
    }

    /** Lays the line of a channel that is still to be connected. */
    void lay() {
        loop.open().install(channel, this);
        prepare();
    }

    private void register() {
        phase = Phase.OPEN;
        prepare();
        channel.unsafe().register(loop.open().eventLoop(), channel.voidPromise());
    }

    private void prepare() {
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        channel.config().setAllocator(PooledByteBufAllocator.DEFAULT);
        channel.config().setRecvByteBufAllocator(new ReadHandle(this));
        channel.pipeline().addLast("headrace", this);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (!counted) {
            count();
        }
        phase = Phase.OPEN;
        if (!opened) {
            welcome();
        }
    }

    private void count() {
        counted = true;
        loop.opened(this);
    }

    /** Tells the application. */
    private void welcome() {
        opened = true;
        if (ownWatch != null) {
            ownWatch.opened();
        }
        try {
            session = loop.application().session(this);
            if (session != null) {
                session.opened();
            }
        } catch (Throwable failure) {
            fail(failure);
        }
    }

    /** Sends a last message straight through the descriptor of a fresh channel; false when it has to go the long way. */
    boolean greet(Object encoded) {
        if (phase != Phase.FRESH) {
            return false;
        }
        if (!loop.lingering().greet(this, encoded)) {
            register();
            return false;
        }
        phase = Phase.LINGERING;
        reason = CloseReason.APPLICATION;
        return true;
    }

    // ---- reading

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object delivered) {
        inBatch = true;
        if (phase != Phase.OPEN || !loop.application().listens()) {
            ReferenceCountUtil.release(delivered);
            return;
        }
        I message;
        try {
            message = loop.codec().receive(delivered);
        } catch (MalformedMessageException malformed) {
            violated(CloseReason.MESSAGE_MALFORMED, malformed.getMessage());
            return;
        } catch (Throwable failure) {
            faulty(failure);
            end(CloseReason.MESSAGE_MALFORMED);
            return;
        }
        exchanges.received(message);
        if (exchanges.open() >= MAX_OPEN_EXCHANGES) {
            hold(HOLD_IN_FLIGHT);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        batchEnded();
    }

    private void batchEnded() {
        inBatch = false;
        loop.open().batchEnded();
        outflow.batchEnded();
        if (phase == Phase.ENDING) {
            closeWhenQuiet();
        } else if (lingeredBytes > Lingering.MAX_BYTES) {
            channel.close();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            peerFinished();
        }
    }

    private void peerFinished() {
        peerFinished = true;
        if (phase == Phase.LINGERING) {
            channel.close();
        } else if (phase == Phase.OPEN && (session == null || session.peerFinished())) {
            end(CloseReason.PEER_FINISHED);
        }
    }

    private void hold(int why) {
        if (holds == 0) {
            channel.config().setAutoRead(false);
        }
        holds |= why;
    }

    private void letGo(int why) {
        if ((holds & why) == 0) {
            return;
        }
        holds &= ~why;
        if (holds != 0) {
            return;
        }
        if (resume == null) {
            channel.config().setAutoRead(true);
        } else {
            loop.open()
                    .eventLoop()
                    .execute(this::resumeReading); // Not now: frames that wait may bring us right back here.
        }
    }

    private void resumeReading() {
        if (holds == 0 && phase == Phase.OPEN) {
            inBatch = true;
            resume.run();
            batchEnded();
        }
        if (holds == 0 && phase == Phase.OPEN) {
            channel.config().setAutoRead(true);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        boolean writable = channel.isWritable();
        loop.open().watch().writable(writable);
        if (writable) {
            outflow.settle();
            letGo(HOLD_PRESSURE);
            outflow.wakeWaiting();
        } else {
            hold(HOLD_PRESSURE); // A peer that does not read from us is not read from.
        }
    }

    /** The socket gave bytes. */
    void bytesReceived(int bytes) {
        progress.received(bytes);
        if (phase == Phase.LINGERING) {
            lingeredBytes += bytes;
        }
        loop.open().watch().received(bytes);
        if (ownWatch != null) {
            ownWatch.received(bytes);
        }
    }

    /** The socket took bytes. */
    void bytesSent(long bytes) {
        progress.sent();
        loop.open().watch().sent(bytes);
        if (ownWatch != null) {
            ownWatch.sent(bytes);
        }
    }

    // ---- exchanges

    @Override
    public Object encode(O answer) throws Exception {
        return loop.codec().transmit(answer, PooledByteBufAllocator.DEFAULT);
    }

    @Override
    public void answer(Peer<O> peer, Object encoded) {
        if (phase == Phase.OPEN || phase == Phase.ENDING) {
            outflow.write(encoded);
        } else {
            ReferenceCountUtil.release(encoded);
        }
    }

    @Override
    public void unanswered(Peer<O> peer, Outcome outcome, Throwable cause) {
        end(
                switch (outcome) {
                    case REFUSED -> CloseReason.EXCHANGE_REFUSED;
                    case EXPIRED -> CloseReason.EXCHANGE_EXPIRED;
                    default -> CloseReason.HANDLER_FAILED;
                });
    }

    @Override
    public void faulty(Throwable cause) {
        loop.reports().warn("fault", "while serving " + Text.of(address()), cause);
    }

    @Override
    public void settled() {
        if ((holds & HOLD_IN_FLIGHT) != 0 && exchanges.open() <= MAX_OPEN_EXCHANGES / 2) {
            letGo(HOLD_IN_FLIGHT);
        }
        if (phase == Phase.ENDING && !inBatch) {
            closeWhenQuiet();
        }
    }

    /** A buffer that came in with an open exchange goes out again: its one reference goes along. */
    void handOver(Object message) {
        exchanges.handOver(message);
    }

    // ---- ending

    /** Ends it gracefully. The first reason stands; a later one that does not wait for open exchanges only makes it quicker. */
    private void end(CloseReason why) {
        if (why == CloseReason.WRITE_STALLED || why == CloseReason.FORCED) {
            cut(why); // What waits to be sent would wait for ever.
            return;
        }
        boolean waits = waitsForExchanges(why);
        switch (phase) {
            case FRESH -> {
                reason = why;
                phase = Phase.LINGERING;
                loop.lingering().shutDownUnregistered(this);
            }
            case OPEN -> {
                phase = Phase.ENDING;
                reason = why;
                waitsForExchanges = waits;
                hold(HOLD_ENDING);
                closeWhenQuiet();
            }
            case ENDING -> {
                waitsForExchanges &= waits;
                closeWhenQuiet();
            }
            case LINGERING, CLOSED -> {}
        }
    }

    /** After these the peer may rightly wait for what it asked before. */
    private static boolean waitsForExchanges(CloseReason why) {
        return switch (why) {
            case PEER_FINISHED, DRAINED, FRAME_TOO_LARGE, FRAME_MALFORMED, MESSAGE_MALFORMED -> true;
            default -> false;
        };
    }

    private void closeWhenQuiet() {
        if (flushingLast || (waitsForExchanges && exchanges.open() > 0)) {
            return;
        }
        flushingLast = true;
        outflow.flush();
        if (outflow.pendingBytes() == 0) {
            closeSocket();
        } else { // The promise of an empty write is kept when all before it has left. Past the handlers, who would
            // frame it.
            ChannelPromise allLeft = channel.newPromise().addListener(flushed -> closeSocket());
            channel.unsafe().write(Unpooled.EMPTY_BUFFER, allLeft);
            channel.unsafe().flush();
        }
    }

    private void closeSocket() {
        if (phase != Phase.ENDING) {
            return;
        }
        outflow.settle();
        phase = Phase.LINGERING;
        exchanges.abandon();
        if (peerFinished || !channel.isActive()) {
            channel.close();
        } else {
            loop.lingering().shutDown(this);
            channel.config().setAutoRead(true);
        }
    }

    /** Ends it at once: what has not left is dropped. */
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
        } else {
            channel.unsafe().closeForcibly();
            ended();
        }
        return dropped;
    }

    /** Asks it to end by itself. */
    void drain() {
        if (phase == Phase.OPEN && (session == null || session.draining())) {
            end(CloseReason.DRAINED);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ended();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        ended(); // A channel that failed to register or connect was never active.
    }

    /** The socket is gone. */
    void ended() {
        if (phase == Phase.CLOSED) {
            return;
        }
        phase = Phase.CLOSED;
        if (reason == null) {
            reason = peerFinished ? CloseReason.PEER_FINISHED : CloseReason.PEER_RESET;
        }
        exchanges.abandon();
        outflow.wakeWaiting();
        if (counted) {
            long ageNs = loop.open().nanoTime() - progress.openedNs();
            loop.closed(this, reason, ageNs);
            if (ownWatch != null) {
                ownWatch.closed(reason, ageNs);
            }
        }
        if (session != null) {
            try {
                session.closed(reason);
            } catch (Throwable failure) {
                faulty(failure);
            }
        }
        completeClosed();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Faults.Verdict verdict = Faults.judge(cause);
        if (verdict.connectionBroken()) {
            cut(verdict.reason());
        } else if (verdict.peersFault()) {
            violated(verdict.reason(), Text.escaped(String.valueOf(cause.getMessage())));
        } else {
            fail(cause);
        }
    }

    // ---- what stages may do: Line

    @Override
    public void add(String name, ChannelHandler handler) {
        if (handlers++ == 0) {
            // Handlers may change what is written, so bytes are counted next to the socket.
            outflow.countedBySocket();
            channel.pipeline().addLast("headrace-sent", new SentCounter(outflow));
        }
        channel.pipeline().addLast(name, handler);
    }

    @Override
    public void watch(Watch watch) {
        ownWatch = ownWatch == null ? watch : Watch.both(ownWatch, watch);
    }

    @Override
    public Connection<O> connection() {
        return this;
    }

    @Override
    public void frameOpen(boolean open) {
        progress.frameOpen(open);
    }

    @Override
    public boolean wanted(Runnable resume) {
        this.resume = resume;
        return holds == 0 && phase == Phase.OPEN;
    }

    @Override
    public boolean over() {
        return phase.ordinal() >= Phase.ENDING.ordinal();
    }

    @Override
    public void violated(CloseReason why, String detail) {
        if (phase == Phase.OPEN) {
            loop.reports().warn(why.tag(), Text.of(address()) + ": " + detail, null);
        }
        end(why);
    }

    // ---- what the application may do: Connection

    @Override
    public boolean send(O message) {
        if (phase == Phase.FRESH && loop.open().eventLoop().inEventLoop()) {
            register();
        }
        return outflow.send(message, false);
    }

    @Override
    public boolean sendAndClose(O message) {
        boolean taken = outflow.send(message, true);
        close();
        return taken;
    }

    @Override
    public void close() {
        close(CloseReason.APPLICATION);
    }

    @Override
    public void close(CloseReason why) {
        onLoop(() -> {
            if (why.setting() == null) {
                end(why);
            } else {
                violated(why, why.setting());
            }
        });
    }

    @Override
    public void fail(Throwable cause) {
        onLoop(() -> {
            faulty(cause);
            end(CloseReason.HANDLER_FAILED);
        });
    }

    @Override
    public boolean writable() {
        return open() && channel.isWritable();
    }

    @Override
    public void whenWritable(Runnable task) {
        onLoop(() -> outflow.whenWritable(task));
    }

    private void onLoop(Runnable task) {
        if (loop.open().eventLoop().inEventLoop()) {
            task.run();
        } else {
            loop.open().eventLoop().execute(task);
        }
    }

    @Override
    public CompletionStage<CloseReason> closed() {
        CompletableFuture<CloseReason> future = closed;
        if (future == null) {
            synchronized (this) {
                future = closed;
                if (future == null) {
                    future = new CompletableFuture<>();
                    closed = future;
                    if (phase == Phase.CLOSED) {
                        future.complete(reason);
                    }
                }
            }
        }
        return future.minimalCompletionStage();
    }

    private void completeClosed() {
        CompletableFuture<CloseReason> future;
        synchronized (this) {
            future = closed;
        }
        if (future != null) {
            future.complete(reason);
        }
    }

    @Override
    public SocketAddress address() {
        return channel.remoteAddress();
    }

    @Override
    public SocketAddress localAddress() {
        return channel.localAddress();
    }

    @Override
    @SuppressWarnings("unchecked") // The session was made by this endpoint, for its messages.
    public <T> Session<T> session() {
        return (Session<T>) session;
    }

    // ---- what the package sees

    /** The connection behind a line: on streams they are one. */
    static StreamConnection<?, ?> of(Line line) {
        return (StreamConnection<?, ?>) line;
    }

    DuplexChannel channel() {
        return channel;
    }

    Outflow<O> outflow() {
        return outflow;
    }

    StreamProgress progress() {
        return progress;
    }

    /** Messages may be sent. Any thread. */
    boolean open() {
        return phase == Phase.OPEN || phase == Phase.FRESH;
    }

    boolean isClosed() {
        return phase == Phase.CLOSED;
    }

    boolean inBatch() {
        return inBatch;
    }

    @Override
    public String toString() {
        return "connection from " + Text.of(address());
    }
}

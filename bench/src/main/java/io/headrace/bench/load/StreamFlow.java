package io.headrace.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.concurrent.TimeUnit;

/**
 * A flow over TCP, TLS or a Unix socket: opens its connection, opens it again some time after it broke, and says what broke it.
 *
 * <p>It is the handler of all its connections, one after the other, and hears only of the present one.
 */
@Sharable
abstract class StreamFlow extends ChannelInboundHandlerAdapter implements Flow {
    /** A server that is down must not be asked in a loop. */
    private static final long AGAIN_AFTER_NS = TimeUnit.MILLISECONDS.toNanos(100);

    final Lane lane;
    private final Wire wire;

    private Channel channel;
    private boolean open;
    private boolean told;
    private boolean finished;
    private long connectNs;
    private boolean counts; // Whether the present connection is in the totals.
    private long readNs;

    StreamFlow(Lane lane, int index) {
        this.lane = lane;
        wire = lane.wire(index);
    }

    // ---- What the modes differ in
    // ------------------------------------------------------------------------------------

    /** A connection is being opened. */
    void beginning(long nowNs) {}

    /** The connection can be used. */
    abstract void opened(long nowNs);

    /** These bytes came; they are released by the caller. */
    abstract void received(ByteBuf bytes, long nowNs);

    /** No more bytes for now. */
    void receivedAll(long nowNs) {}

    /** The connection is gone, and whatever was asked on it stays without an answer. Once per connection that was begun. */
    abstract void broken(ErrorKind kind, String sample, long nowNs);

    /** Whether it is right that the other side ends the connection now; then {@link #ended} is called instead of broken. */
    boolean endsWell() {
        return false;
    }

    /** The other side has ended the connection, as it should. */
    void ended(long nowNs) {}

    /** The connection can take requests again. */
    void writable(long nowNs) {}

    // ---- Life
    // --------------------------------------------------------------------------------------------------------

    @Override
    public final void open() {
        if (finished) {
            return;
        }
        connectNs = System.nanoTime();
        counts = lane.counts(connectNs);
        beginning(connectNs);
        ChannelFuture connecting = wire.connect(this);
        channel = connecting.channel();
        connecting.addListener(future -> {
            if (!future.isSuccess() && connecting.channel() == channel) {
                end(ErrorKind.ofConnect(future.cause()), words(future.cause()));
            }
        });
    }

    /** When the present connection was begun. */
    final long connectNs() {
        return connectNs;
    }

    @Override
    public final boolean isOpen() {
        return open;
    }

    final boolean finished() {
        return finished;
    }

    /** A sample that names its target. */
    final String said(String words) {
        return wire + ": " + words;
    }

    final boolean canTake() {
        return open && channel.isWritable();
    }

    final void send(ByteBuf bytes) {
        channel.writeAndFlush(bytes, channel.voidPromise());
    }

    /** We end the connection ourselves, all being well. */
    final void closeWell() {
        lane.of(counts).count(Count.CLOSED_BY_US, 1);
        drop();
    }

    /** Gives the connection up and begins another one soon. */
    final void fail(ErrorKind kind, String sample) {
        if (open) {
            lane.of(counts).count(Count.CLOSED_BY_US, 1);
        }
        end(kind, sample);
    }

    private void end(ErrorKind kind, String sample) {
        drop();
        long nowNs = System.nanoTime();
        settled();
        if (!finished) {
            if (kind == ErrorKind.CONNECT_TIMEOUT) {
                lane.of(connectNs).record(Timing.UNCONNECTED, nowNs - connectNs);
            }
            broken(kind, said(sample), nowNs);
            lane.schedule(this::open, AGAIN_AFTER_NS);
        }
    }

    private void drop() {
        Channel old = channel;
        channel = null;
        open = false;
        if (old != null) {
            old.close();
        }
    }

    private void ready() {
        long nowNs = System.nanoTime();
        open = true;
        Slice slice = lane.of(counts);
        slice.record(Timing.CONNECT, nowNs - connectNs);
        slice.count(Count.OPENED, 1);
        opened(nowNs);
        settled();
    }

    private void settled() {
        if (!told) {
            told = true;
            lane.settled();
        }
    }

    @Override
    public void finish(long nowNs) {
        finished = true;
        if (open) {
            lane.of(counts).count(Count.CLOSED_BY_US, 1);
        }
        drop();
    }

    // ---- What Netty tells
    // --------------------------------------------------------------------------------------------

    @Override
    public final void channelActive(ChannelHandlerContext ctx) {
        if (ctx.channel() == channel && !wire.shakesHands()) {
            ready();
        }
    }

    @Override
    public final void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake && ctx.channel() == channel) {
            if (handshake.isSuccess()) {
                ready();
            } else {
                end(ErrorKind.ofHandshake(handshake.cause()), words(handshake.cause()));
            }
        }
    }

    @Override
    public final void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (ctx.channel() == channel) {
            readNs = System.nanoTime();
            received(bytes, readNs);
        }
        bytes.release();
    }

    @Override
    public final void channelReadComplete(ChannelHandlerContext ctx) {
        if (ctx.channel() == channel) {
            receivedAll(readNs);
        }
    }

    @Override
    public final void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel() == channel && canTake()) {
            writable(System.nanoTime());
        }
    }

    @Override
    public final void channelInactive(ChannelHandlerContext ctx) {
        if (ctx.channel() == channel) {
            if (open) {
                lane.of(counts).count(Count.CLOSED_BY_SERVER, 1);
            }
            if (open && endsWell()) {
                drop();
                ended(System.nanoTime());
            } else {
                end(ErrorKind.EOF, "ended by the other side");
            }
        }
    }

    @Override
    public final void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (ctx.channel() == channel && open) {
            ErrorKind kind = ErrorKind.ofOpen(cause);
            lane.of(counts).count(kind == ErrorKind.RESET ? Count.CLOSED_BY_SERVER : Count.CLOSED_BY_US, 1);
            end(kind, words(cause));
        }
    }

    private static String words(Throwable cause) {
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
}

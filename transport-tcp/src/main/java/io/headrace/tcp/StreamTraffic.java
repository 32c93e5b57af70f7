package io.headrace.tcp;

import io.headrace.Connection;
import io.headrace.Line;
import io.headrace.Sweep;
import io.headrace.Watch;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import java.util.List;

/**
 * The parts of one stream, its line, and what comes and goes on it.
 *
 * <p>A connection is one object, so that ten thousand silent ones cost one header each. It is written down in five classes: {@link EndNotice}, this, {@link
 * StreamEnd}, {@link StreamLife}, and {@link StreamConnection} as the application sees it. Event loop only.
 */
abstract sealed class StreamTraffic<I, O> extends EndNotice implements Line permits StreamEnd {
    private static final String TAIL = "headrace";

    final DuplexChannel channel;
    final StreamLoop<I, O> loop;
    final StreamTail<I, O> tail;
    final Inflow inflow;
    final Outflow<O> outflow;
    final StreamProgress progress;
    Watch ownWatch;
    private Sweep ownSweep;
    private boolean handlers;
    private boolean receivedSince; // The last sweep.
    private boolean receivedBefore; // Between the last two.
    private boolean sentSince;

    StreamTraffic(DuplexChannel channel, StreamLoop<I, O> loop, long openedNs) {
        this.channel = channel;
        this.loop = loop;
        this.tail = new StreamTail<>(self(), channel, loop);
        this.inflow = new Inflow(self(), channel, loop.open());
        this.outflow = new Outflow<>(self(), channel, loop.open());
        this.progress = new StreamProgress(outflow, openedNs);
    }

    /** A channel that is still to be connected: lays its line. */
    void lay() {
        // First, so that it hears of a handler that throws when it is added: Netty takes that off and goes on without
        // it.
        channel.pipeline().addLast(TAIL, tail);
        loop.open().install(channel, this);
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        channel.config().setAllocator(PooledByteBufAllocator.DEFAULT);
        channel.config().setRecvByteBufAllocator(inflow);
        StreamBackend.shareReceiveBuffers(channel);
    }

    /** The socket gave bytes. */
    void bytesReceived(int bytes) {
        progress.received(bytes);
        receivedSince = true;
        loop.open().watch().received(bytes);
        if (ownWatch != null) {
            ownWatch.received(bytes);
        }
    }

    /** The socket took bytes. */
    void bytesSent(long bytes) {
        sentSince = true;
        loop.open().watch().sent(bytes);
        if (ownWatch != null) {
            ownWatch.sent(bytes);
        }
    }

    /** So many more bytes wait to be sent. */
    void bytesPending(long more) {
        loop.open().watch().pending(more);
        if (ownWatch != null) {
            ownWatch.pending(more);
        }
    }

    /** A push was dropped, because the peer reads too slowly. */
    void messageDropped() {
        loop.open().watch().messageDropped();
        if (ownWatch != null) {
            ownWatch.messageDropped();
        }
    }

    void tellWritable(boolean writable) {
        loop.open().watch().writable(writable);
        if (ownWatch != null) {
            ownWatch.writable(writable);
        }
    }

    /** Whether nothing has come since the last sweep, and something did before it. */
    boolean fellSilent() {
        return receivedBefore && !receivedSince;
    }

    /** One round of the loop's clocks. */
    void sweep(List<Sweep> sweeps, long nowNs) {
        outflow.settle();
        outflow.tell();
        progress.observe(nowNs, receivedSince, sentSince, inflow.held());
        receivedBefore = receivedSince;
        receivedSince = false;
        sentSince = false;
        for (int s = 0; s < sweeps.size(); s++) {
            sweeps.get(s).check(self(), progress, nowNs);
        }
        if (ownSweep != null) {
            ownSweep.check(self(), progress, nowNs);
        }
    }

    // ---- what stages may do: Line

    @Override
    public void add(String name, ChannelHandler handler) {
        if (!handlers) { // They may change what is written, so bytes are counted next to the socket.
            handlers = true;
            channel.pipeline().addBefore(TAIL, "headrace-sent", outflow.counter());
        }
        channel.pipeline().addBefore(TAIL, name, handler);
    }

    @Override
    public void watch(Watch watch) {
        ownWatch = ownWatch == null ? watch : Watch.both(ownWatch, watch);
    }

    @Override
    public void sweep(Sweep sweep) {
        Sweep before = ownSweep;
        ownSweep = before == null
                ? sweep
                : (connection, progress, nowNs) -> {
                    before.check(connection, progress, nowNs);
                    sweep.check(connection, progress, nowNs);
                };
    }

    @Override
    public Connection<O> connection() {
        return self();
    }

    @Override
    public void frameOpen(boolean open) {
        progress.frameOpen(open);
    }

    @Override
    public boolean wanted(Runnable resume) {
        return inflow.wanted(resume);
    }

    // ---- its parts

    /** There is no other class of it. */
    final StreamConnection<I, O> self() {
        return (StreamConnection<I, O>) this;
    }

    DuplexChannel channel() {
        return channel;
    }

    StreamTail<I, O> tail() {
        return tail;
    }

    Inflow inflow() {
        return inflow;
    }

    Outflow<O> outflow() {
        return outflow;
    }

    StreamProgress progress() {
        return progress;
    }
}

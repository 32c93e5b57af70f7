package io.headrace.udp;

import io.headrace.CloseReason;
import io.headrace.Connection;
import io.headrace.Line;
import io.headrace.Reports;
import io.headrace.Watch;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;

/** The line of a datagram socket while it is laid. */
final class UdpLine implements Line {
    private final ChannelPipeline pipeline;
    private final Reports reports;
    private Watch watch;
    private Guard guard;
    private boolean handlers;

    UdpLine(ChannelPipeline pipeline, Watch watch, Reports reports) {
        this.pipeline = pipeline;
        this.watch = watch;
        this.reports = reports;
    }

    /** Everyone who watches this socket. */
    Watch watch() {
        return watch;
    }

    /** Everyone who judges its datagrams. */
    Guard guard() {
        return guard == null ? new Guard() {} : guard;
    }

    void guard(Guard more) {
        guard = guard == null ? more : Guard.both(guard, more);
    }

    /** Whether any stage has added a handler. */
    boolean handlers() {
        return handlers;
    }

    @Override
    public void add(String name, ChannelHandler handler) {
        pipeline.addLast(name, handler);
        handlers = true;
    }

    @Override
    public void watch(Watch more) {
        watch = Watch.both(watch, more);
    }

    @Override
    public Connection<?> connection() {
        throw new IllegalStateException("a datagram line has no connection; sessions come later, one for each peer");
    }

    /** A datagram is whole or was never here. */
    @Override
    public void frameOpen(boolean open) {}

    @Override
    public boolean wanted(Runnable resume) {
        return true;
    }

    @Override
    public boolean over() {
        return !pipeline.channel().isOpen();
    }

    /** There is no connection to end, so it is only reported. */
    @Override
    public void violated(CloseReason reason, String detail) {
        reports.warn(reason.tag(), detail, null);
    }
}

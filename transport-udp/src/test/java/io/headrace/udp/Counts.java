package io.headrace.udp;

import io.headrace.ChannelStage;
import io.headrace.DropReason;
import io.headrace.LoopSite;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.Watch;
import io.netty.channel.Channel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** A stage that counts what a socket tells its watches. */
final class Counts implements ChannelStage<Channel>, Watch {
    final AtomicLong bytesReceived = new AtomicLong();
    final AtomicLong bytesSent = new AtomicLong();
    final AtomicLong received = new AtomicLong();
    final AtomicLong sent = new AtomicLong();
    private final Map<DropReason, Long> dropped = new ConcurrentHashMap<>();

    Map<DropReason, Long> dropped() {
        return dropped;
    }

    @Override
    public Slot slot() {
        return Slot.ADMISSION;
    }

    @Override
    public PerLoop<Channel> open(Site site) {
        return this::onLoop;
    }

    private PerChannel<Channel> onLoop(LoopSite loop) {
        loop.watch(this);
        return ChannelStage.nothing();
    }

    @Override
    public void received(int bytes) {
        bytesReceived.addAndGet(bytes);
    }

    @Override
    public void sent(long bytes) {
        bytesSent.addAndGet(bytes);
    }

    @Override
    public void datagramReceived(int bytes) {
        received.incrementAndGet();
    }

    @Override
    public void datagramSent(int bytes) {
        sent.incrementAndGet();
    }

    @Override
    public void datagramDropped(DropReason reason) {
        dropped.merge(reason, 1L, Long::sum);
    }
}

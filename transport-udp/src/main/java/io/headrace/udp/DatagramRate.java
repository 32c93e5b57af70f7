package io.headrace.udp;

import io.headrace.ChannelStage;
import io.headrace.DropReason;
import io.headrace.LoopSite;
import io.headrace.Problems;
import io.headrace.Rate;
import io.headrace.Site;
import io.headrace.Slot;
import io.netty.channel.socket.DatagramChannel;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicLong;

/**
 * So many datagrams a second for the whole endpoint, whoever sends them; the surplus is dropped before it is decoded, and counted as
 * {@code rate}. A second's worth may come at once unless {@link #burst} says otherwise.
 */
public final class DatagramRate implements ChannelStage<DatagramChannel> {
    private final int perSecond;
    private final int burst;

    private DatagramRate(int perSecond, int burst) {
        this.perSecond = perSecond;
        this.burst = burst;
    }

    public static DatagramRate of(int perSecond) {
        return new DatagramRate(perSecond, perSecond);
    }

    /** How many may come at once. */
    public DatagramRate burst(int datagrams) {
        return new DatagramRate(perSecond, datagrams);
    }

    @Override
    public void check(Problems problems) {
        Rate.check(problems, "DatagramRate", perSecond, burst);
    }

    @Override
    public Slot slot() {
        return Slot.PEER;
    }

    @Override
    public PerLoop<DatagramChannel> open(Site site) {
        AtomicLong state = new AtomicLong(Rate.FRESH);
        Rate rate = Rate.perSecond(perSecond, burst);
        return loop -> {
            Guard guard = guard(rate, state, loop);
            return (channel, line) -> Guard.on(line, guard);
        };
    }

    private static Guard guard(Rate rate, AtomicLong state, LoopSite loop) {
        return new Guard() {
            @Override
            public DropReason arriving(SocketAddress sender, int bytes) {
                return rate.admits(state, loop.nanoTime()) ? null : DropReason.RATE;
            }
        };
    }

    @Override
    public String toString() {
        return "at most " + perSecond + " datagrams/s";
    }
}

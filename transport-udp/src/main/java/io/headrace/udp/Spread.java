package io.headrace.udp;

import io.headrace.DropReason;
import io.headrace.Reports;
import io.headrace.Text;
import io.headrace.Watch;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.DefaultAddressedEnvelope;
import io.netty.util.ReferenceCountUtil;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Gives each datagram of one socket to the lane of its peer, always the same one: what a peer sends stays in order.
 *
 * <p>The socket's event loop only. Which lane a peer has is a secret, or forged senders could be aimed at one of them.
 */
final class Spread<I, O> {
    private final UdpSocket<I, O> socket;
    private final Watch watch;
    private final Reports reports;
    private final List<UdpLane<I, O>> lanes;
    private final List<Hop> hops = new ArrayList<>(); // Null for the lane on the socket's own loop.
    private final int seed = ThreadLocalRandom.current().nextInt();

    Spread(UdpSocket<I, O> socket, List<UdpLane<I, O>> lanes, Watch watch, Reports reports) {
        this.socket = socket;
        this.lanes = lanes;
        this.watch = watch;
        this.reports = reports;
        for (UdpLane<I, O> lane : lanes) {
            hops.add(lane.loop() == socket.loop() ? null : new Hop(lane.loop().eventLoop(), entrance(lane)));
        }
    }

    private static Hop.Arrival entrance(UdpLane<?, ?> lane) {
        return new Hop.Arrival() {
            @Override
            public void arrived(Object datagram, SocketAddress unused, long allowance) {
                lane.received((AddressedEnvelope<?, ?>) datagram, allowance);
            }

            @Override
            public void faulty(Throwable fault) {
                lane.faulty(fault);
            }

            @Override
            public void batchEnded() {
                lane.batchEnded();
            }
        };
    }

    /** Takes ownership of its content. */
    void received(AddressedEnvelope<?, ?> datagram, long allowance) {
        int lane = laneOf(datagram.sender());
        Hop hop = hops.get(lane);
        if (hop == null) {
            lanes.get(lane).received(datagram, allowance);
            return;
        }
        if (hop.full()) {
            ReferenceCountUtil.release(datagram);
            watch.datagramDropped(DropReason.LOOP_BUSY);
            reports.warn("datagram dropped", () -> "its loop is behind; from " + Text.of(datagram.sender()), null);
            return;
        }
        // What is still under way must not hold the memory of its whole batch.
        Object content = socket.byItself(datagram.content());
        hop.put(new DefaultAddressedEnvelope<>(content, datagram.recipient(), datagram.sender()), null, allowance);
    }

    private int laneOf(SocketAddress sender) {
        int mixed = (Objects.hashCode(sender) ^ seed) * 0x9E3779B9;
        mixed = (mixed ^ mixed >>> 15) * 0x85EBCA6B;
        return Math.floorMod(mixed ^ mixed >>> 13, lanes.size());
    }

    /** The socket has given all it had for now. */
    void batchEnded() {
        for (Hop hop : hops) {
            if (hop != null) {
                hop.go();
            }
        }
    }
}

package io.headrace.udp;

import io.headrace.ChannelStage;
import io.headrace.DropReason;
import io.headrace.Line;
import io.headrace.LoopSite;
import io.headrace.PeerRates;
import io.headrace.Problems;
import io.headrace.Rate;
import io.headrace.Site;
import io.headrace.Slot;
import io.netty.channel.socket.DatagramChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * So many datagrams a second from one address; the surplus is dropped before it is decoded, and counted as {@code peer_rate}. A second's
 * worth may come at once unless {@link #burst} says otherwise.
 *
 * <p>Ports do not matter, an IPv4-mapped address counts as IPv4, and IPv6 counts by /64. The table of peers is bounded: 65,536 unless
 * {@link #peers} says otherwise, 16 bytes each, set aside at start. Where it is full, the peer that needs it least is forgotten, and
 * that is counted. With several sockets a peer is known to each of them.
 */
public final class PeerRate implements ChannelStage<DatagramChannel> {
    private static final int PEERS = 65_536;

    private final int perSecond;
    private final int burst;
    private final int peers;

    private PeerRate(int perSecond, int burst, int peers) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.peers = peers;
    }

    public static PeerRate of(int perSecond) {
        return new PeerRate(perSecond, perSecond, PEERS);
    }

    /** How many may come at once. */
    public PeerRate burst(int datagrams) {
        return new PeerRate(perSecond, datagrams, peers);
    }

    /** How many peers to remember on each socket; rounded up to a power of two. */
    public PeerRate peers(int peers) {
        return new PeerRate(perSecond, burst, peers);
    }

    @Override
    public void check(Problems problems) {
        Rate.check(problems, "PeerRate", perSecond, burst);
        problems.expect(peers >= 1 && peers <= 1 << 24, "PeerRate.peers", peers, "1 to " + (1 << 24));
    }

    @Override
    public Slot slot() {
        return Slot.PEER;
    }

    @Override
    public PerLoop<DatagramChannel> open(Site site) {
        return loop -> (channel, line) -> Guard.on(line, guard(loop, line));
    }

    private Guard guard(LoopSite loop, Line line) {
        UdpLine udp = (UdpLine) line;
        PeerRates rates = new PeerRates(
                Rate.perSecond(perSecond, burst), peers, () -> udp.watch().peerEvicted());
        return new Guard() {
            @Override
            public DropReason arriving(SocketAddress sender, int bytes) {
                return !(sender instanceof InetSocketAddress from)
                                || rates.admits(PeerRates.key(from.getAddress()), loop.nanoTime())
                        ? null
                        : DropReason.PEER_RATE;
            }
        };
    }

    @Override
    public String toString() {
        return "at most " + perSecond + " datagrams/s a peer";
    }
}

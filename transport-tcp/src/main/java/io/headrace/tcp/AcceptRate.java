package io.headrace.tcp;

import io.headrace.AddressPrefix;
import io.headrace.ChannelStage;
import io.headrace.Gate;
import io.headrace.Meter;
import io.headrace.Newcomer;
import io.headrace.PeerRates;
import io.headrace.Problems;
import io.headrace.Rate;
import io.headrace.Refusal;
import io.headrace.RejectReason;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.Text;
import io.netty.channel.socket.DuplexChannel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * So many new connections in a time, for the whole endpoint and, by choice, from one address; the surplus is refused as {@link
 * RejectReason#RATE} or {@link RejectReason#ADDRESS_RATE}. As many may come at once.
 *
 * <p>The table of addresses has 65,536 places of 16 bytes, set aside at start where rates by address are asked for. Where it is full, the address that needs
 * its place least is forgotten.
 */
public final class AcceptRate implements ChannelStage<DuplexChannel> {
    private static final int ADDRESSES = 65_536;

    private final int connections;
    private final int perAddress;
    private final Duration time;
    private final AddressPrefix prefix;
    private final Refusal refusal;

    private AcceptRate(int connections, int perAddress, Duration time, AddressPrefix prefix, Refusal refusal) {
        this.connections = connections;
        this.perAddress = perAddress;
        this.time = time;
        this.prefix = prefix;
        this.refusal = refusal;
    }

    /** So many in {@code time} over all addresses. */
    public static AcceptRate of(int connections, Duration time) {
        return new AcceptRate(connections, 0, time, AddressPrefix.DEFAULT, Refusal.finishing());
    }

    /** And so many of them from one address, in the same time. */
    public AcceptRate perAddress(int connections) {
        return new AcceptRate(this.connections, connections, time, prefix, refusal);
    }

    /** How many leading bits of an address say who somebody is; 32 and 64 unless said. */
    public AcceptRate prefixes(int ipv4Bits, int ipv6Bits) {
        return new AcceptRate(connections, perAddress, time, new AddressPrefix(ipv4Bits, ipv6Bits), refusal);
    }

    /** How the surplus is refused; by the end of the stream unless said. */
    public AcceptRate refusing(Refusal refusal) {
        return new AcceptRate(connections, perAddress, time, prefix, refusal);
    }

    @Override
    public Slot slot() {
        return Slot.ADMISSION;
    }

    @Override
    public void check(Problems problems) {
        problems.expect(connections >= 1, "AcceptRate.of", connections, ">= 1");
        problems.expect(perAddress >= 0, "AcceptRate.perAddress", perAddress, ">= 0");
        problems.expectPositive("AcceptRate.of", time);
        prefix.check(problems, "AcceptRate");
        refusal.check(problems, "AcceptRate");
    }

    @Override
    public PerLoop<DuplexChannel> open(Site site) {
        site.admit(new Turnstile(site));
        return loop -> ChannelStage.nothing();
    }

    @Override
    public String toString() {
        return "AcceptRate " + connections + " in " + Text.of(time)
                + (perAddress == 0 ? "" : ", " + perAddress + " an address" + prefix);
    }

    /** Any thread: an endpoint may listen on several sockets. */
    private final class Turnstile implements Gate {
        private final Site site;
        private final Rate rate = Rate.of(connections, time, connections);
        private final AtomicLong evicted = new AtomicLong(); // Read by meters.
        // Guarded by this.
        private final PeerRates addresses;
        private long state = Rate.FRESH;

        Turnstile(Site site) {
            this.site = site;
            this.addresses = perAddress == 0
                    ? null
                    : new PeerRates(Rate.of(perAddress, time, perAddress), ADDRESSES, evicted::incrementAndGet);
            site.reading(Meter.PEERS_EVICTED, evicted::get);
        }

        @Override
        public synchronized RejectReason refuses(Newcomer newcomer) {
            long nowNs = site.nanoTime();
            long next = rate.next(state, nowNs);
            if (next == Rate.OVER) {
                return RejectReason.RATE;
            }
            // After the endpoint's, so that an address pays only for those that came in; what it may not have costs
            // others nothing.
            if (addresses != null && !addresses.admits(prefix.key(newcomer.address()), nowNs)) {
                return RejectReason.ADDRESS_RATE;
            }
            state = next;
            return null;
        }

        @Override
        public Refusal refusal() {
            return refusal;
        }

        @Override
        public String toString() {
            return AcceptRate.this.toString();
        }
    }
}

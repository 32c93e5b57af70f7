package io.headrace.tcp;

import io.headrace.AddressPrefix;
import io.headrace.ChannelStage;
import io.headrace.CloseReason;
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
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps an address out for a time after its connections have broken the protocol too often: {@code Ban.after(5).within(a
 * minute).lasting(ten minutes)}. Refused as {@link RejectReason#BANNED}; connections that are open stay.
 *
 * <p>What counts is a connection that closed as {@link CloseReason#FRAME_TOO_LARGE}, {@link CloseReason#FRAME_MALFORMED}, {@link
 * CloseReason#MESSAGE_MALFORMED} or {@link CloseReason#MESSAGE_UNEXPECTED}. Violations are forgotten one by one, at an even pace over the time. Peers
 * without an address, as on Unix-domain sockets, are never banned. Off unless asked for: behind a load balancer or a NAT one address is many peers. Two tables of
 * 16,384 places, 16 bytes each, are set aside at start; where one is full, the address whose time ends first is forgotten.
 */
public final class Ban implements ChannelStage<DuplexChannel> {
    private static final int ADDRESSES = 16_384;
    private static final Set<CloseReason> VIOLATIONS = EnumSet.of(
            CloseReason.FRAME_TOO_LARGE,
            CloseReason.FRAME_MALFORMED,
            CloseReason.MESSAGE_MALFORMED,
            CloseReason.MESSAGE_UNEXPECTED);

    private final int violations;
    private final Duration within;
    private final Duration lasting;
    private final AddressPrefix prefix;
    private final Refusal refusal;

    private Ban(int violations, Duration within, Duration lasting, AddressPrefix prefix, Refusal refusal) {
        this.violations = violations;
        this.within = within;
        this.lasting = lasting;
        this.prefix = prefix;
        this.refusal = refusal;
    }

    /** After so many violations, within one minute, for ten minutes. */
    public static Ban after(int violations) {
        return new Ban(
                violations, Duration.ofMinutes(1), Duration.ofMinutes(10), AddressPrefix.DEFAULT, Refusal.finishing());
    }

    /** Within this time. */
    public Ban within(Duration time) {
        return new Ban(violations, time, lasting, prefix, refusal);
    }

    /** For so long. */
    public Ban lasting(Duration time) {
        return new Ban(violations, within, time, prefix, refusal);
    }

    /** How many leading bits of an address say who somebody is; 32 and 64 unless said. */
    public Ban prefixes(int ipv4Bits, int ipv6Bits) {
        return new Ban(violations, within, lasting, new AddressPrefix(ipv4Bits, ipv6Bits), refusal);
    }

    /** How who is banned is refused; by the end of the stream unless said. */
    public Ban refusing(Refusal refusal) {
        return new Ban(violations, within, lasting, prefix, refusal);
    }

    @Override
    public Slot slot() {
        return Slot.ADMISSION;
    }

    @Override
    public void check(Problems problems) {
        problems.expect(violations >= 1, "Ban.after", violations, ">= 1");
        problems.expectPositive("Ban.within", within);
        problems.expectPositive("Ban.lasting", lasting);
        prefix.check(problems, "Ban");
        refusal.check(problems, "Ban");
    }

    @Override
    public PerLoop<DuplexChannel> open(Site site) {
        site.admit(new Banned(site));
        return loop -> ChannelStage.nothing();
    }

    @Override
    public String toString() {
        return "Ban after " + violations + " in " + Text.of(within) + " for " + Text.of(lasting);
    }

    /** Any thread. */
    private final class Banned implements Gate {
        private final Site site;
        private final AtomicLong evicted = new AtomicLong(); // Read by meters.
        // Guarded by this. One violation less than too many is within the rate.
        private final PeerRates offenders;
        private final PeerRates banned = new PeerRates(Rate.of(1, lasting, 1), ADDRESSES, evicted::incrementAndGet);

        Banned(Site site) {
            this.site = site;
            this.offenders =
                    new PeerRates(Rate.of(violations, within, violations - 1), ADDRESSES, evicted::incrementAndGet);
            site.reading(Meter.PEERS_EVICTED, evicted::get);
        }

        @Override
        public synchronized RejectReason refuses(Newcomer newcomer) {
            return newcomer.address() instanceof InetSocketAddress from
                            && banned.busy(prefix.key(from), site.nanoTime())
                    ? RejectReason.BANNED
                    : null;
        }

        @Override
        public void left(Newcomer newcomer, CloseReason reason) {
            if (reason != null && VIOLATIONS.contains(reason) && newcomer.address() instanceof InetSocketAddress from) {
                violated(prefix.key(from));
            }
        }

        private synchronized void violated(long key) {
            long nowNs = site.nanoTime();
            if (!offenders.admits(key, nowNs)) {
                banned.admits(key, nowNs);
            }
        }

        @Override
        public Refusal refusal() {
            return refusal;
        }

        @Override
        public String toString() {
            return Ban.this.toString();
        }
    }
}

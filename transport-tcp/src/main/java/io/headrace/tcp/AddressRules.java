package io.headrace.tcp;

import io.headrace.ChannelStage;
import io.headrace.Gate;
import io.headrace.Newcomer;
import io.headrace.Problems;
import io.headrace.Refusal;
import io.headrace.RejectReason;
import io.headrace.Site;
import io.headrace.Slot;
import io.netty.channel.socket.DuplexChannel;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * From which addresses peers may come: {@code AddressRules.allow("10.0.0.0/8").andDeny("10.6.0.0/16")}. The others are refused as {@link
 * RejectReason#DENIED}.
 *
 * <p>The longest network that contains an address decides, in whatever order they were written. Where none does, it may come in unless
 * something is allowed at all. An IPv4-mapped address counts as IPv4. Peers without an address, as on Unix-domain sockets, may come in.
 */
public final class AddressRules implements ChannelStage<DuplexChannel> {
    private final List<String> allowed;
    private final List<String> denied;
    private final Refusal refusal;

    private AddressRules(List<String> allowed, List<String> denied, Refusal refusal) {
        this.allowed = allowed;
        this.denied = denied;
        this.refusal = refusal;
    }

    /** These networks ({@code 10.0.0.0/8}, {@code 2001:db8::/32}) and addresses, and no others. */
    public static AddressRules allow(String... networks) {
        return new AddressRules(List.of(networks), List.of(), Refusal.finishing());
    }

    /** All but these networks and addresses. */
    public static AddressRules deny(String... networks) {
        return new AddressRules(List.of(), List.of(networks), Refusal.finishing());
    }

    /** These, too. */
    public AddressRules andAllow(String... networks) {
        return new AddressRules(joined(allowed, networks), denied, refusal);
    }

    /** But not these. */
    public AddressRules andDeny(String... networks) {
        return new AddressRules(allowed, joined(denied, networks), refusal);
    }

    /** How the others are refused; by the end of the stream unless said. */
    public AddressRules refusing(Refusal refusal) {
        return new AddressRules(allowed, denied, refusal);
    }

    private static List<String> joined(List<String> before, String... more) {
        List<String> all = new ArrayList<>(before);
        all.addAll(List.of(more));
        return List.copyOf(all);
    }

    @Override
    public Slot slot() {
        return Slot.PEER;
    }

    @Override
    public void check(Problems problems) {
        List<Network> seen = new ArrayList<>();
        for (String text : joined(allowed, denied.toArray(String[]::new))) {
            Network network = Network.of(text);
            problems.expect(
                    network != null, "AddressRules", text, "an address or a network, as 10.0.0.0/8 or 2001:db8::/32");
            problems.expect(network == null || !seen.contains(network), "AddressRules", text, "said once");
            seen.add(network);
        }
        refusal.check(problems, "AddressRules");
    }

    @Override
    public PerLoop<DuplexChannel> open(Site site) {
        site.admit(new Rules(
                allowed.stream().map(Network::of).toArray(Network[]::new),
                denied.stream().map(Network::of).toArray(Network[]::new)));
        return loop -> ChannelStage.nothing();
    }

    @Override
    public String toString() {
        return "AddressRules" + (allowed.isEmpty() ? "" : " allow " + String.join(" ", allowed))
                + (denied.isEmpty() ? "" : " deny " + String.join(" ", denied));
    }

    /** Values only, so any thread. */
    private final class Rules implements Gate {
        private final Network[] allow;
        private final Network[] deny;

        Rules(Network[] allow, Network[] deny) {
            this.allow = allow;
            this.deny = deny;
        }

        @Override
        public RejectReason refuses(Newcomer newcomer) {
            if (!(newcomer.address() instanceof InetSocketAddress from) || from.getAddress() == null) {
                return null;
            }
            byte[] address = Network.bytes(from.getAddress());
            int allowedBits = longest(allow, address);
            int deniedBits = longest(deny, address);
            boolean in = allowedBits == deniedBits ? allow.length == 0 : allowedBits > deniedBits;
            return in ? null : RejectReason.DENIED;
        }

        /** The bits of the longest network that contains the address; -1 where none does. */
        private static int longest(Network[] networks, byte[] address) {
            int longest = -1;
            for (Network network : networks) {
                if (network.contains(address)) {
                    longest = Math.max(longest, network.bits());
                }
            }
            return longest;
        }

        @Override
        public Refusal refusal() {
            return refusal;
        }

        @Override
        public String toString() {
            return AddressRules.this.toString();
        }
    }
}

package io.headrace.tcp;

import io.headrace.AddressPrefix;
import io.headrace.ChannelStage;
import io.headrace.CloseReason;
import io.headrace.Gate;
import io.headrace.Newcomer;
import io.headrace.Problems;
import io.headrace.Refusal;
import io.headrace.RejectReason;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.Stage;
import io.netty.channel.socket.DuplexChannel;
import java.net.SocketAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many connections an endpoint may have, over all and from one address. Whoever comes too many is refused before there is a channel
 * for it, as {@link RejectReason#LIMIT}, {@link RejectReason#BUDGET} or {@link RejectReason#ADDRESS_LIMIT}.
 *
 * <p>Never more, not even for a moment. A place is free again when its connection's socket is closed. Addresses are those of the sockets; only those
 * with open connections are remembered.
 */
public final class ConnectionLimit implements ChannelStage<DuplexChannel> {
    private static final int NONE = Integer.MAX_VALUE;

    private final int connections;
    private final int perAddress;
    private final AddressPrefix prefix;
    private final ConnectionBudget budget;
    private final int reserve;
    private final Refusal refusal;

    private ConnectionLimit(
            int connections,
            int perAddress,
            AddressPrefix prefix,
            ConnectionBudget budget,
            int reserve,
            Refusal refusal) {
        this.connections = connections;
        this.perAddress = perAddress;
        this.prefix = prefix;
        this.budget = budget;
        this.reserve = reserve;
        this.refusal = refusal;
    }

    /** So many, and no more than the process has descriptors for. */
    public static ConnectionLimit of(int connections) {
        return byDescriptors().limit(connections);
    }

    /** As many as the process has descriptors for: see {@link ConnectionBudget#ofProcess}. The default. */
    public static ConnectionLimit byDescriptors() {
        return new ConnectionLimit(NONE, NONE, AddressPrefix.DEFAULT, null, 0, Refusal.finishing());
    }

    /** Takes the default off the line: as many as the system gives. */
    public static Stage<DuplexChannel> off() {
        return Stage.off(ConnectionLimit.class);
    }

    private ConnectionLimit limit(int connections) {
        return new ConnectionLimit(connections, perAddress, prefix, budget, reserve, refusal);
    }

    /** So many from one address; all who come through a load balancer or a NAT share one. */
    public ConnectionLimit perAddress(int connections) {
        return new ConnectionLimit(this.connections, connections, prefix, budget, reserve, refusal);
    }

    /** How many leading bits of an address say who somebody is; 32 and 64 unless said. */
    public ConnectionLimit prefixes(int ipv4Bits, int ipv6Bits) {
        AddressPrefix other = new AddressPrefix(ipv4Bits, ipv6Bits);
        return new ConnectionLimit(connections, perAddress, other, budget, reserve, refusal);
    }

    /** Out of this budget, in place of the process's. */
    public ConnectionLimit within(ConnectionBudget budget) {
        return new ConnectionLimit(connections, perAddress, prefix, budget, reserve, refusal);
    }

    /** Keeps so many of the budget for this endpoint: the others cannot take them. For what must always answer, such as a health check. */
    public ConnectionLimit reserve(int connections) {
        return new ConnectionLimit(this.connections, perAddress, prefix, budget, connections, refusal);
    }

    /** How those who come too many are refused; by the end of the stream unless said. */
    public ConnectionLimit refusing(Refusal refusal) {
        return new ConnectionLimit(connections, perAddress, prefix, budget, reserve, refusal);
    }

    @Override
    public Slot slot() {
        return Slot.ADMISSION;
    }

    @Override
    public void check(Problems problems) {
        problems.expect(connections >= 1, "ConnectionLimit.of", connections, ">= 1");
        problems.expect(perAddress >= 1, "ConnectionLimit.perAddress", perAddress, ">= 1");
        problems.expect(reserve >= 0, "ConnectionLimit.reserve", reserve, ">= 0");
        prefix.check(problems, "ConnectionLimit");
        refusal.check(problems, "ConnectionLimit");
        if (budget != null) {
            budget.check(problems);
        }
        int wanted = connections != NONE || budget == null ? connections : budget.connections();
        problems.advise(
                wanted == NONE || wanted <= ConnectionBudget.possible(),
                "ConnectionLimit",
                wanted,
                "at most " + ConnectionBudget.possible() + ", which is what the limit of " + DescriptorLimit.get()
                        + " descriptors allows");
    }

    @Override
    public PerLoop<DuplexChannel> open(Site site) {
        ConnectionBudget from = budget == null ? ConnectionBudget.ofProcess() : budget;
        ConnectionBudget.Share share = from.open(reserve);
        site.onStop(share);
        site.admit(new Places(share));
        return loop -> ChannelStage.nothing();
    }

    @Override
    public String toString() {
        String over = connections == NONE ? "by descriptors" : String.valueOf(connections);
        String each = perAddress == NONE ? "" : ", " + perAddress + " an address" + prefix;
        return "ConnectionLimit " + over + each + (reserve == 0 ? "" : ", " + reserve + " reserved");
    }

    /** The places of one running endpoint. */
    private final class Places implements Gate {
        private final ConnectionBudget.Share share;
        private final AtomicInteger open = new AtomicInteger();
        private final ConcurrentMap<Long, Integer> openPerAddress = new ConcurrentHashMap<>();

        Places(ConnectionBudget.Share share) {
            this.share = share;
        }

        @Override
        public RejectReason refuses(Newcomer newcomer) {
            if (perAddress != NONE && !takeOf(newcomer.address())) {
                return RejectReason.ADDRESS_LIMIT;
            }
            if (connections != NONE && !ConnectionBudget.take(open, connections)) {
                giveBackAddress(newcomer);
                return RejectReason.LIMIT;
            }
            if (!share.take()) {
                giveBackAddress(newcomer);
                giveBackPlace();
                return RejectReason.BUDGET;
            }
            return null;
        }

        private boolean takeOf(SocketAddress address) {
            long key = prefix.key(address);
            boolean[] taken = new boolean[1];
            openPerAddress.compute(key, (same, before) -> {
                int count = before == null ? 0 : before;
                taken[0] = count < perAddress;
                return taken[0] ? Integer.valueOf(count + 1) : before;
            });
            return taken[0];
        }

        @Override
        public void left(Newcomer newcomer, CloseReason reason) {
            share.giveBack();
            giveBackPlace();
            giveBackAddress(newcomer);
        }

        private void giveBackPlace() {
            if (connections != NONE) {
                open.decrementAndGet();
            }
        }

        private void giveBackAddress(Newcomer newcomer) {
            if (perAddress != NONE) {
                openPerAddress.computeIfPresent(
                        prefix.key(newcomer.address()), (key, count) -> count == 1 ? null : count - 1);
            }
        }

        @Override
        public Refusal refusal() {
            return refusal;
        }

        @Override
        public String toString() {
            return ConnectionLimit.this.toString();
        }
    }
}

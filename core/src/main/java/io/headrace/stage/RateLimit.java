package io.headrace.stage;

import io.headrace.Exchange;
import io.headrace.Handler;
import io.headrace.MessageStage;
import io.headrace.Outcome;
import io.headrace.PeerRates;
import io.headrace.Problems;
import io.headrace.Rate;
import io.headrace.Site;
import io.headrace.Slot;
import io.headrace.Text;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * So many messages in a time, over all loops of the endpoint; the surplus is refused at once, as {@link Outcome#REFUSED}. All of them may come
 * at once unless {@link #burst} says otherwise.
 *
 * <p>Refused exchanges close their stream unless the endpoint has an {@code otherwise}; on datagrams they are silent.
 */
public final class RateLimit implements MessageStage {
    /** How many addresses a table remembers. */
    private static final int ADDRESSES = 65_536;

    private static final int NONE = 0;

    private final int messages;
    private final Duration time;
    private final int burst;
    private final int perAddress;
    private final boolean addresses;

    private RateLimit(int messages, Duration time, int burst, boolean addresses, int perAddress) {
        this.messages = messages;
        this.time = time;
        this.burst = burst;
        this.addresses = addresses;
        this.perAddress = perAddress;
    }

    /** So many in this time. */
    public static RateLimit of(int messages, Duration time) {
        return new RateLimit(messages, time, messages, false, NONE);
    }

    /** So many of them at once. */
    public RateLimit burst(int messages) {
        return new RateLimit(this.messages, time, messages, addresses, perAddress);
    }

    /**
     * And so many in the same time from each address: an IPv4-mapped one counts as IPv4, IPv6 by /64; peers without one, as on Unix sockets, are not
     * judged. The surplus of one address takes nothing from the others.
     *
     * <p>The table of addresses is set aside at start, 1 MiB for 65,536 of them. Where it is full, the one that has been quiet for longest is forgotten.
     */
    public RateLimit perAddress(int messages) {
        return new RateLimit(this.messages, time, burst, true, messages);
    }

    @Override
    public Slot slot() {
        return Slot.LIMIT;
    }

    @Override
    public void check(Problems problems) {
        problems.expect(messages >= 1, "RateLimit", messages, ">= 1");
        problems.expectPositive("RateLimit, in", time);
        problems.expect(burst >= 1, "RateLimit.burst", burst, ">= 1");
        problems.expect(!addresses || perAddress >= 1, "RateLimit.perAddress", perAddress, ">= 1");
    }

    @Override
    public PerLoop open(Site site) {
        Rate rate = Rate.of(messages, time, burst);
        AtomicLong state = new AtomicLong(Rate.FRESH);
        Predicate<Exchange<?>> all = exchange -> rate.admits(state, exchange.startedNs());
        // Each address first: what it has too much of must not count for all.
        Predicate<Exchange<?>> each = addresses ? new EachAddress(Rate.of(perAddress, time, perAddress)).and(all) : all;
        return (next, loop) -> new Limited(next, each);
    }

    @Override
    public String toString() {
        return "RateLimit " + messages + " in " + Text.of(time) + (burst == messages ? "" : ", " + burst + " at once")
                + (addresses ? ", " + perAddress + " per address" : "");
    }

    private record Limited(Handler<Object, Object> next, Predicate<Exchange<?>> admits)
            implements Handler<Object, Object> {

        @Override
        public void handle(Object message, Exchange<Object> exchange) throws Exception {
            if (admits.test(exchange)) {
                next.handle(message, exchange);
            } else {
                exchange.refuse();
            }
        }

        @Override
        public boolean holdsExchange() {
            return next.holdsExchange();
        }
    }

    /** The connections of one address may be on several loops. */
    private static final class EachAddress implements Predicate<Exchange<?>> {
        private final PeerRates rates;

        EachAddress(Rate rate) {
            rates = new PeerRates(rate, ADDRESSES, () -> {});
        }

        @Override
        public boolean test(Exchange<?> exchange) {
            if (!(exchange.peer().address() instanceof InetSocketAddress peer) || peer.isUnresolved()) {
                return true;
            }
            long key = PeerRates.key(peer.getAddress());
            synchronized (rates) {
                return rates.admits(key, exchange.startedNs());
            }
        }
    }
}

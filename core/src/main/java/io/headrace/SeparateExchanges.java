package io.headrace;

import io.netty.util.ReferenceCounted;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The exchanges of one datagram socket: each stands for itself, and its answer leaves when it ends. Event loop only; for
 * transports.
 */
public final class SeparateExchanges<O> extends Exchanges<O> {
    /** More than this many unanswered datagrams on one loop, and the next ones are refused. */
    private static final int MAX_OPEN = 16_384;

    private final Set<LiveExchange<O>> outlived = new LinkedHashSet<>();
    // Those of them whose message is released with them, by that message: a buffer that is sent on must be found at
    // once.
    private final Map<Object, LiveExchange<O>> byMessage = new IdentityHashMap<>();

    public SeparateExchanges(OpenLoop loop, ExchangeOwner<O> owner) {
        super(loop, owner);
    }

    /** How many outlived their handler and are open. */
    public int open() {
        return outlived.size();
    }

    /** Whether anybody may hold the exchange, and so its peer, after the handler has returned. */
    public boolean held() {
        return loop.handlerHoldsExchange();
    }

    /** A message came from this peer; false when it was refused, because too many are open. Takes ownership of the message. */
    public boolean received(Object message, Peer<O> peer) {
        LiveExchange<O> exchange = take().begin(this, message, peer);
        if (outlived.size() >= MAX_OPEN) {
            exchange.refuse();
            return false;
        }
        handle(exchange);
        if (exchange.settled) {
            giveBack(exchange);
        } else if (abandoned) {
            abandon(exchange); // The endpoint ended while the handler ran.
        } else {
            exchange.queued = true;
            outlived.add(exchange);
            if (message instanceof ReferenceCounted) {
                byMessage.put(message, exchange);
            }
        }
        return true;
    }

    @Override
    void ended(LiveExchange<O> exchange) {
        conclude(exchange);
        if (exchange.queued) {
            exchange.queued = false;
            outlived.remove(exchange);
            byMessage.remove(exchange.message, exchange);
        }
        settle(exchange);
    }

    /** If {@code message} came in with an exchange that is still open, its reference is handed over to whoever sends it on. */
    public void handOver(Object message) {
        if (current != null && current.message == message && !current.settled) {
            current.handedOver = true;
        } else if (message instanceof ReferenceCounted) {
            LiveExchange<O> exchange = byMessage.get(message);
            if (exchange != null) {
                exchange.handedOver = true;
            }
        }
    }

    /** The endpoint has ended: so does every exchange that is still open. */
    public void abandon() {
        abandoned = true;
        List<LiveExchange<O>> open = new ArrayList<>(outlived);
        outlived.clear();
        byMessage.clear();
        for (LiveExchange<O> exchange : open) {
            exchange.queued = false;
            abandon(exchange);
        }
    }
}

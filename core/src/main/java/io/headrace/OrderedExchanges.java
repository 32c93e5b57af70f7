package io.headrace;

import java.util.ArrayDeque;

/**
 * The exchanges of one connection: replies leave in the order in which the messages came.
 *
 * <pre>
 *  oldest                            newest
 *  [ended] [open] [ended] [open] [open]     the first one that is open holds back what ended behind it
 * </pre>
 *
 * <p>A message that is answered before its handler returns, with nothing before it, never enters the queue. Event loop only; for
 * transports.
 */
public final class OrderedExchanges<O> extends Exchanges<O> {
    private final Peer<O> peer;
    private ArrayDeque<LiveExchange<O>> queue; // Made when an exchange first outlives its handler.

    public OrderedExchanges(OpenLoop loop, Peer<O> peer, ExchangeOwner<O> owner) {
        super(loop, owner);
        this.peer = peer;
    }

    /** How many are open, or have ended and wait for their turn. */
    public int open() {
        return (queue == null ? 0 : queue.size()) + (current == null || current.queued || current.settled ? 0 : 1);
    }

    /** A message came. Takes ownership. */
    public void received(Object message) {
        if (current != null && !current.queued && !current.settled) {
            enqueue(current); // A message that comes while another is being handled stands behind it.
        }
        LiveExchange<O> exchange = take().begin(this, message, peer);
        if (queue != null && !queue.isEmpty()) {
            enqueue(exchange);
        }
        handle(exchange);
        if (exchange.settled) {
            giveBack(exchange);
        } else if (abandoned) {
            abandon(exchange); // The connection ended while the handler ran.
        } else if (!exchange.queued) {
            enqueue(exchange);
        }
    }

    private void enqueue(LiveExchange<O> exchange) {
        if (queue == null) {
            queue = new ArrayDeque<>(4);
        }
        exchange.queued = true;
        queue.add(exchange);
    }

    @Override
    void ended(LiveExchange<O> exchange) {
        conclude(exchange);
        if (!exchange.queued) {
            settle(exchange);
            return;
        }
        for (LiveExchange<O> head; (head = queue.peek()) != null && head.concluded; ) {
            head.queued = false;
            queue.poll();
            settle(head);
        }
    }

    /** If {@code message} came in with an exchange that is still open, its reference is handed over to whoever sends it on. */
    public void handOver(Object message) {
        if (current != null && current.message == message && !current.settled) {
            current.handedOver = true;
        } else if (queue != null) {
            for (LiveExchange<O> exchange : queue) {
                if (exchange.message == message) {
                    exchange.handedOver = true;
                    return;
                }
            }
        }
    }

    /** The connection has ended: so does every exchange that is still open. */
    public void abandon() {
        abandoned = true;
        while (queue != null && !queue.isEmpty()) {
            LiveExchange<O> exchange = queue.poll();
            exchange.queued = false;
            if (!exchange.handling) { // Else its handler is still reading the message: see received.
                abandon(exchange);
            }
        }
    }
}

package io.headrace;

import io.netty.util.ReferenceCountUtil;

/**
 * What all exchanges of one owner share: begin, hand to the handler, end once, release the message.
 *
 * <pre>
 *  open --reply, fail, ...--> claimed --on the event loop--> concluded --when it is its turn--> settled
 *        any thread, one wins           encoded, listeners told         answer sent, message released
 * </pre>
 */
abstract sealed class Exchanges<O> permits OrderedExchanges, SeparateExchanges {
    final OpenLoop loop;
    final ExchangeOwner<O> owner;
    /** The exchange whose handler runs right now, on this loop. */
    LiveExchange<O> current;

    /** The connection is gone: nothing is sent any more. */
    boolean abandoned;

    Exchanges(OpenLoop loop, ExchangeOwner<O> owner) {
        this.loop = loop;
        this.owner = owner;
    }

    /** An exchange for the next message: a fresh one, or where nobody holds exchanges the one that serves them all. */
    final LiveExchange<O> take() {
        return loop.uncheckedCast(loop.takeExchange());
    }

    final void giveBack(LiveExchange<O> exchange) {
        loop.giveBack(exchange);
    }

    /** On the event loop: the exchange has ended, its answer may have to wait for its turn. */
    abstract void ended(LiveExchange<O> exchange);

    final void handle(LiveExchange<O> exchange) {
        LiveExchange<O> outer = current;
        current = exchange;
        Handling handling = loop.handling();
        LiveExchange<?> outerOfThread = handling.exchange;
        handling.exchange = exchange;
        exchange.handling = true;
        try {
            loop.handler().handle(exchange.message, loop.uncheckedCast(exchange));
        } catch (Throwable failure) {
            if (!exchange.fail(failure)) {
                owner.faulty(failure);
            }
        } finally {
            exchange.handling = false;
            current = outer;
            handling.exchange = outerOfThread;
        }
    }

    /** Encodes the answer and tells the listeners. An answer that cannot be encoded makes the exchange fail. */
    final void conclude(LiveExchange<O> exchange) {
        if (exchange.outcome() == Outcome.REPLIED && abandoned) {
            exchange.dropAnswer();
            exchange.outcome(Outcome.ABANDONED);
        }
        if (exchange.outcome() == Outcome.REPLIED) {
            O answer = exchange.answer();
            exchange.handedOver |= answer == exchange.message;
            try {
                exchange.encoded = owner.encode(answer);
            } catch (Throwable failure) {
                exchange.outcome(Outcome.FAILED);
                exchange.cause = failure;
            }
        }
        exchange.tellListeners();
        exchange.concluded = true;
    }

    /** Sends the answer, or what stands in for it, and lets go of the message. */
    final void settle(LiveExchange<O> exchange) {
        exchange.settled = true;
        try {
            switch (exchange.outcome()) {
                case REPLIED -> owner.answer(exchange.peer(), exchange.encoded);
                case FAILED, REFUSED, EXPIRED -> standIn(exchange);
                case CONSUMED, ABANDONED -> {}
            }
        } finally {
            exchange.encoded = null;
            exchange.releaseMessage();
            owner.settled();
        }
    }

    private void standIn(LiveExchange<O> exchange) {
        if (exchange.outcome() == Outcome.FAILED) {
            owner.faulty(exchange.cause);
        }
        Otherwise<Object, O> otherwise = loop.uncheckedCast(loop.otherwise());
        if (otherwise == null) {
            owner.unanswered(exchange.peer(), exchange.outcome(), exchange.cause);
            return;
        }
        try {
            O answer = otherwise.answer(exchange.message, exchange.outcome());
            exchange.handedOver |= answer == exchange.message;
            owner.answer(exchange.peer(), owner.encode(answer));
        } catch (Throwable failure) {
            owner.faulty(failure);
            owner.unanswered(exchange.peer(), exchange.outcome(), failure);
        }
    }

    /** The connection is gone: ends an exchange that is still open, and settles it without sending anything. */
    final void abandon(LiveExchange<O> exchange) {
        if (exchange.claim()) {
            exchange.outcome(Outcome.ABANDONED);
            exchange.tellListeners();
        } else if (!exchange.concluded) {
            return; // Claimed on another thread; its end is on the way to this loop.
        }
        exchange.settled = true;
        ReferenceCountUtil.release(exchange.encoded);
        exchange.encoded = null;
        exchange.releaseMessage();
        owner.settled();
    }
}

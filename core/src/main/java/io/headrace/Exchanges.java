package io.headrace;

import io.netty.util.ReferenceCountUtil;

/**
 * What all exchanges of one owner share: begin, hand to the handler, end once, release the message.
 *
 * <p>States of an exchange: open, claimed (somebody ended it; only the winner goes on), ended (on the event loop), settled (its
 * answer has left and its message is released).
 */
abstract sealed class Exchanges<O> permits OrderedExchanges, SeparateExchanges {
    final OpenLoop loop;
    final ExchangeOwner<O> owner;
    /** The exchange whose handler runs right now, on this loop. */
    LiveExchange<O> current;

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
        try {
            loop.handler().handle(exchange.message, loop.uncheckedCast(exchange));
        } catch (Throwable failure) {
            if (!exchange.fail(failure)) {
                owner.faulty(failure);
            }
        } finally {
            current = outer;
        }
    }

    /** Encodes the answer and tells the listeners. An answer that cannot be encoded makes the exchange fail. */
    final void conclude(LiveExchange<O> exchange) {
        if (exchange.outcome == Outcome.REPLIED) {
            O answer = exchange.answer();
            exchange.handedOver |= answer == exchange.message;
            try {
                exchange.encoded = owner.encode(answer);
            } catch (Throwable failure) {
                exchange.outcome = Outcome.FAILED;
                exchange.cause = failure;
            }
        }
        exchange.tellListeners();
    }

    /** Sends the answer, or what stands in for it, and lets go of the message. */
    final void settle(LiveExchange<O> exchange) {
        switch (exchange.outcome) {
            case REPLIED -> owner.answer(exchange.peer(), exchange.encoded);
            case FAILED, REFUSED, EXPIRED -> standIn(exchange);
            case CONSUMED, ABANDONED -> {}
        }
        exchange.encoded = null;
        exchange.releaseMessage();
        owner.settled();
    }

    private void standIn(LiveExchange<O> exchange) {
        if (exchange.outcome == Outcome.FAILED) {
            owner.faulty(exchange.cause);
        }
        Otherwise<Object, O> otherwise = loop.uncheckedCast(loop.otherwise());
        if (otherwise == null) {
            owner.unanswered(exchange.peer(), exchange.outcome, exchange.cause);
            return;
        }
        try {
            O answer = otherwise.answer(exchange.message, exchange.outcome);
            exchange.handedOver |= answer == exchange.message;
            owner.answer(exchange.peer(), owner.encode(answer));
        } catch (Throwable failure) {
            owner.faulty(failure);
            owner.unanswered(exchange.peer(), exchange.outcome, failure);
        }
    }

    /** The connection is gone: ends an exchange that is still open, and settles it without sending anything. */
    final void abandon(LiveExchange<O> exchange) {
        if (exchange.claim()) {
            exchange.outcome = Outcome.ABANDONED;
            exchange.tellListeners();
        } else if (exchange.outcome == null) {
            return; // Claimed on another thread; its end is on the way to this loop.
        }
        ReferenceCountUtil.release(exchange.encoded);
        exchange.encoded = null;
        exchange.releaseMessage();
        owner.settled();
    }
}

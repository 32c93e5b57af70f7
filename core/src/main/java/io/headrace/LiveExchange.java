package io.headrace;

import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCounted;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.RejectedExecutionException;

/** The one implementation of an exchange. */
final class LiveExchange<O> implements Exchange<O> {
    private static final VarHandle CLAIMED;
    private static final VarHandle OUTCOME;

    static {
        try {
            CLAIMED = MethodHandles.lookup().findVarHandle(LiveExchange.class, "claimed", boolean.class);
            OUTCOME = MethodHandles.lookup().findVarHandle(LiveExchange.class, "outcome", Outcome.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private Exchanges<O> exchanges;

    @SuppressWarnings("unused") // Through CLAIMED.
    private volatile boolean claimed;

    private Peer<O> peer;
    private long startedNs;
    private O answer;
    // Three listeners without a list: metrics, a limit, a deadline.
    private EndListener first;
    private EndListener second;
    private EndListener third;

    // Event loop only from here on; but whoever holds the exchange may look at the message and the outcome.
    Object message;

    @SuppressWarnings(
            "unused") // Through OUTCOME; published, not fenced: a fence for each message would be a third of its price.
    private Outcome outcome;

    Throwable cause;
    Object encoded;
    /** The message's reference went out with an answer, so it is not ours to release. */
    boolean handedOver;

    /** It stands in a queue or set of its owner. */
    boolean queued;

    /** Its handler is on the stack, and may still read the message. */
    boolean handling;

    /** Its answer is encoded and its listeners know. */
    boolean concluded;

    /** Its answer has left, or never will, and its message is released. */
    boolean settled;

    LiveExchange<O> begin(Exchanges<O> exchanges, Object message, Peer<O> peer) {
        this.exchanges = exchanges;
        this.message = message;
        this.peer = peer;
        this.startedNs = exchanges.loop.arrivalNs();
        return this;
    }

    /** Makes an exchange that nobody holds ready for the next message. */
    void reset() {
        exchanges = null;
        message = null;
        peer = null;
        CLAIMED.set(this, false);
        outcome = null;
        answer = null;
        cause = null;
        handedOver = concluded = settled = false;
        first = second = third = null;
    }

    boolean claim() {
        return CLAIMED.compareAndSet(this, false, true);
    }

    @Override
    public boolean reply(O answer) {
        if (answer == null) {
            return fail(new IllegalArgumentException("reply: null (expected: an answer; without one, use consume)"));
        }
        if (!claim()) {
            releaseUnlessMessage(answer);
            return false;
        }
        this.answer = answer;
        return end(Outcome.REPLIED);
    }

    @Override
    public boolean consume() {
        return claim() && end(Outcome.CONSUMED);
    }

    @Override
    public boolean fail(Throwable cause) {
        if (!claim()) {
            return false;
        }
        this.cause = cause;
        return end(Outcome.FAILED);
    }

    @Override
    public boolean refuse() {
        return claim() && end(Outcome.REFUSED);
    }

    @Override
    public boolean expire() {
        return claim() && end(Outcome.EXPIRED);
    }

    private boolean end(Outcome how) {
        EventLoop eventLoop = exchanges.loop.eventLoop();
        if (eventLoop.inEventLoop()) {
            outcome(how);
            exchanges.ended(this);
            return true;
        }
        try {
            eventLoop.execute(() -> {
                outcome(how);
                exchanges.ended(this);
            });
            return true;
        } catch (RejectedExecutionException stopped) {
            // The loop has ended, and the connection before it; nobody else is left to let go of what is held here.
            dropAnswer();
            releaseMessage();
            outcome(Outcome.ABANDONED);
            return false;
        }
    }

    void outcome(Outcome how) {
        OUTCOME.setRelease(this, how);
    }

    O answer() {
        O taken = answer;
        answer = null;
        return taken;
    }

    void dropAnswer() {
        releaseUnlessMessage(answer());
    }

    /** Sending the message itself never took a second reference: its one reference is released with the exchange. */
    private void releaseUnlessMessage(O answer) {
        if (answer != message) {
            release(answer);
        }
    }

    void tellListeners() {
        tell(first);
        tell(second);
        tell(third);
    }

    private void tell(EndListener listener) {
        if (listener != null) {
            try {
                listener.ended(this, outcome);
            } catch (Throwable fault) { // Or the exchange would never settle, and hold up all behind it.
                exchanges.owner.faulty(fault);
            }
        }
    }

    void releaseMessage() {
        if (!handedOver) {
            release(message);
        }
    }

    static void release(Object message) {
        if (message instanceof ReferenceCounted counted) {
            counted.release();
        }
    }

    @Override
    public Peer<O> peer() {
        return peer;
    }

    @Override
    public Outcome outcome() {
        return (Outcome) OUTCOME.getAcquire(this);
    }

    @Override
    public long startedNs() {
        return startedNs;
    }

    @Override
    public void onEnd(EndListener listener) {
        if (first == null) {
            first = listener;
        } else if (second == null) {
            second = listener;
        } else if (third == null) {
            third = listener;
        } else {
            EndListener before = third;
            third = (exchange, how) -> {
                before.ended(exchange, how);
                listener.ended(exchange, how);
            };
        }
    }
}

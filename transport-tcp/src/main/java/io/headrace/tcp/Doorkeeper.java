package io.headrace.tcp;

import io.headrace.Gate;
import io.headrace.Refusal;
import io.headrace.RejectReason;
import io.headrace.Text;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Asks the endpoint's gates about everybody who arrives at one listening socket, and sees off whoever may not come in. Event loop only.
 *
 * <p>Where a gate lets a peer wait, accepting is held. The peer is asked about again every few milliseconds, rather than when somebody
 * leaves: what a gate waits for may happen anywhere, at another endpoint that shares a budget or in memory.
 */
final class Doorkeeper {
    private static final long ROUND_MS = 5;
    /** Accepting is held as soon as one waits, but a backend may have accepted more already. */
    private static final int MAX_WAITING = 256;

    private final Entrance entrance;
    private final Gate[] gates;
    private final StreamLoop<?, ?> home;
    private final EventExecutor executor;
    private final AcceptHold hold;
    private final Consumer<Arrival> inside;
    private final ArrayDeque<Arrival> waiting = new ArrayDeque<>();
    private RejectReason reason; // Of the last refusal.
    /** Gates that let in whoever is first of those that wait: a gate that counts must not count it again at each round. */
    private int passed;

    private boolean stopping;

    /** {@code inside} takes those that may come in. */
    Doorkeeper(Entrance entrance, StreamLoop<?, ?> home, AcceptHold hold, Consumer<Arrival> inside) {
        this.entrance = entrance;
        this.gates = entrance.gates();
        this.home = home;
        this.executor = home.open().eventLoop();
        this.hold = hold;
        this.inside = inside;
    }

    void arrived(Arrival arrival) {
        if (!waiting.isEmpty()) {
            queue(arrival);
            return;
        }
        passed = 0;
        Refusal how = refusal(arrival);
        if (how == null) {
            comeIn(arrival);
        } else if (waits(how)) {
            warn(arrival, reason);
            queue(arrival);
            hold.hold(AcceptHold.WAITING);
            executor.schedule(this::round, ROUND_MS, TimeUnit.MILLISECONDS);
        } else {
            entrance.left(arrival, null, passed);
            refuse(arrival, reason, how);
        }
    }

    private boolean waits(Refusal how) {
        return how.manner() == Refusal.Manner.WAIT && !stopping;
    }

    /** How the first gate that it has not passed and that refuses it does so, or null; says why in {@link #reason}. */
    private Refusal refusal(Arrival arrival) {
        for (; passed < gates.length; passed++) {
            try {
                reason = gates[passed].refuses(arrival);
                if (reason != null) {
                    return Objects.requireNonNull(gates[passed].refusal(), "refusal");
                }
            } catch (Throwable fault) {
                home.reports().warn("gate", () -> "while letting in " + Text.of(arrival.address()), fault);
                reason = RejectReason.GATE_FAILED;
                return Refusal.finishing(); // How does it refuse? It cannot be trusted to say.
            }
        }
        return null;
    }

    private void comeIn(Arrival arrival) {
        entrance.came();
        inside.accept(arrival);
    }

    private void queue(Arrival arrival) {
        if (waiting.size() < MAX_WAITING) {
            waiting.add(arrival);
        } else {
            refuse(arrival, reason, Refusal.finishing());
        }
    }

    private void round() {
        while (!waiting.isEmpty()) {
            Refusal how = refusal(waiting.peek());
            if (how != null && waits(how)) {
                executor.schedule(this::round, ROUND_MS, TimeUnit.MILLISECONDS);
                return;
            }
            int passedBefore = passed;
            passed = 0; // The next one has passed none.
            if (how == null) {
                comeIn(waiting.poll());
            } else {
                entrance.left(waiting.peek(), null, passedBefore);
                refuse(waiting.poll(), reason, how);
            }
        }
        hold.letGo(AcceptHold.WAITING);
    }

    private void refuse(Arrival arrival, RejectReason why, Refusal how) {
        home.open().watch().rejected(why);
        warn(arrival, why);
        if (how.manner() == Refusal.Manner.RESET || !entrance.refusalBegins()) {
            arrival.reset();
        } else {
            arrival.refused(home).seeOff(how, entrance::refusalEnded);
        }
    }

    private void warn(Arrival arrival, RejectReason why) {
        home.reports().warn(why.tag(), () -> Text.of(arrival.address()) + " may not come in: " + why.words(), null);
    }

    /** The server stops: nobody waits any more, those in the operating system's queue are asked about as ever. */
    void stopping() {
        stopping = true;
        if (!waiting.isEmpty()) {
            entrance.left(waiting.peek(), null, passed);
        }
        for (Arrival arrival; (arrival = waiting.poll()) != null; ) {
            refuse(arrival, RejectReason.DRAINING, Refusal.finishing());
        }
        hold.letGo(AcceptHold.WAITING);
    }
}

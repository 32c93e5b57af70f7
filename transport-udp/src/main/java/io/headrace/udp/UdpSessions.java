package io.headrace.udp;

import io.headrace.Application;
import io.headrace.CloseReason;
import io.headrace.DropReason;
import io.headrace.OpenLoop;
import io.headrace.Reports;
import io.headrace.Session;
import io.headrace.Text;
import io.headrace.Watch;
import io.netty.util.ReferenceCountUtil;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;

/**
 * The sessions of one lane, by the address of their peers. When the endpoint has no place left, a new peer takes that of the one here that
 * has sent nothing for longest. Where this lane has less than its share, another one has to give a place up first: datagrams of new peers
 * wait for that, a bounded number, in the order in which they came.
 *
 * <p>Event loop only, unless a method says otherwise.
 */
final class UdpSessions<O> {
    /** More datagrams of new peers than this are not kept until another event loop answers. */
    private static final int MOST_WAITING = 64;

    private static final long COARSEST_NS = Duration.ofSeconds(1).toNanos();

    private final UdpLane<?, O> lane;
    private final OpenLoop loop;
    private final Application<Object, O> application;
    private final Reports reports;
    private final int most;
    private final long idleNs;
    private final Map<SocketAddress, UdpSession<O>> table =
            new LinkedHashMap<>(16, 0.75f, true); // Least recently heard of first.
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private boolean asked; // Another lane, for a place.
    private volatile int open; // Other lanes read it.
    // Set before it begins.
    private SessionPlaces places;
    private Watch watch;

    private record Waiting(Object message, SocketAddress sender, SocketAddress recipient, long allowance) {}

    UdpSessions(UdpLane<?, O> lane, OpenLoop loop, Reports reports, int most, Duration idle) {
        this.lane = lane;
        this.loop = loop;
        this.application = loop.application();
        this.reports = reports;
        this.most = most;
        this.idleNs = idle.toNanos();
    }

    void watch(Watch told) {
        watch = told;
    }

    /** All that belong to one endpoint share its places. Starting thread. */
    static void share(List<UdpSessions<?>> tables) {
        if (!tables.isEmpty()) {
            SessionPlaces places = new SessionPlaces(tables.get(0).most, tables);
            tables.forEach(table -> table.places = places);
        }
    }

    /** Gives a message to the session of its sender, to a new one as soon as there is a place. Takes ownership. */
    void received(Object message, SocketAddress sender, SocketAddress recipient, long allowance) {
        boolean behindOthers = !waiting.isEmpty() && !table.containsKey(sender);
        if (behindOthers || !delivered(message, sender, recipient, allowance)) {
            await(message, sender, recipient, allowance);
        }
    }

    /** False when it has to wait for a place. */
    private boolean delivered(Object message, SocketAddress sender, SocketAddress recipient, long allowance) {
        UdpSession<O> session = table.get(sender);
        if (session == null) {
            if (!tookPlace()) {
                return false;
            }
            session = open(sender, allowance);
        } else {
            session.allow(allowance);
            session.used();
        }
        if (session.ended()) { // The application would not have it.
            ReferenceCountUtil.release(message);
        } else {
            lane.deliver(message, session, recipient);
        }
        return true;
    }

    private boolean tookPlace() {
        while (!places.take()) { // Another lane may be quicker.
            if (table.size() < places.share()) {
                return false;
            }
            evict();
        }
        return true;
    }

    private void evict() {
        UdpSession<O> quietest = table.values().iterator().next();
        reports.warn("session evicted", () -> "of " + quietest + ": maxSessions reached", null);
        close(quietest, CloseReason.EVICTED);
    }

    private UdpSession<O> open(SocketAddress sender, long allowance) {
        UdpSession<O> session = new UdpSession<>(this, lane, sender, loop.nanoTime());
        session.allow(allowance);
        table.put(sender, session);
        open = table.size();
        watch.opened();
        try {
            Session<?> given = application.session(session);
            if (given == null) {
                throw new IllegalStateException("sessions: null (expected: a Session)");
            }
            session.open(given);
        } catch (Throwable fault) {
            lane.faulty(fault);
            close(session, CloseReason.HANDLER_FAILED);
        }
        return session;
    }

    private void await(Object message, SocketAddress sender, SocketAddress recipient, long allowance) {
        if (waiting.size() == MOST_WAITING) {
            ReferenceCountUtil.release(message);
            dropped(sender);
            return;
        }
        waiting.add(new Waiting(lane.byItself(message), sender, recipient, allowance));
        admit();
    }

    private void dropped(SocketAddress sender) {
        watch.datagramDropped(DropReason.LOOP_BUSY);
        reports.warn("datagram dropped", () -> "no place for a new session; from " + Text.of(sender), null);
    }

    /** Lets those in who wait, as far as there are places. */
    private void admit() {
        for (Waiting first; (first = waiting.poll()) != null; ) {
            if (!delivered(first.message, first.sender, first.recipient, first.allowance)) {
                waiting.addFirst(first);
                ask();
                return;
            }
        }
    }

    /** Asks the lane that has most to give a place up. Where none has any, they are all on their way to somebody. */
    private void ask() {
        if (asked) {
            return;
        }
        UdpSessions<?> fullest = places.fullestBeside(this);
        asked = fullest != null && fullest.execute(() -> fullest.giveUpFor(this));
        if (!asked) {
            dropWaiting();
        }
    }

    private boolean execute(Runnable task) {
        try {
            loop.eventLoop().execute(task);
            return true;
        } catch (RejectedExecutionException loopEnded) {
            return false;
        }
    }

    private void giveUpFor(UdpSessions<?> other) {
        if (!table.isEmpty()) { // Else some have ended since, and their places are free.
            evict();
        }
        other.execute(other::gaveUp);
    }

    private void gaveUp() {
        asked = false;
        admit();
        lane.batchEnded();
    }

    private void dropWaiting() {
        for (Waiting each; (each = waiting.poll()) != null; ) {
            ReferenceCountUtil.release(each.message);
            dropped(each.sender);
        }
    }

    /** Ends this session, unless it has ended. */
    void close(UdpSession<O> session, CloseReason reason) {
        if (table.remove(session.address(), session)) {
            open = table.size();
            watch.closed(reason, session.ageNs(loop.nanoTime()));
            session.end(reason);
            places.giveBack();
            lane.settled();
        }
    }

    /** Ends those that have been idle for too long. */
    void sweep(long nowNs) {
        for (UdpSession<O> session : new ArrayList<>(table.values())) {
            if (session.idle(nowNs, idleNs)) {
                close(session, CloseReason.IDLE_TIMEOUT);
            }
        }
    }

    /** How far apart sweeps may be. */
    Duration resolution() {
        return Duration.ofNanos(Math.max(1, Math.min(idleNs / 16, COARSEST_NS)));
    }

    /** How many are open. Any thread. */
    int open() {
        return open;
    }

    /** Tells each that the server is about to stop; who does not want to go on ends now. */
    void drain() {
        dropWaiting();
        for (UdpSession<O> session : new ArrayList<>(table.values())) {
            if (!session.ended() && mayEnd(session)) {
                close(session, CloseReason.DRAINED);
            }
        }
    }

    private boolean mayEnd(UdpSession<O> session) {
        try {
            return session.session().draining();
        } catch (Throwable fault) {
            lane.faulty(fault);
            return true;
        }
    }

    /** Ends all. */
    void force() {
        dropWaiting();
        new ArrayList<>(table.values()).forEach(session -> close(session, CloseReason.FORCED));
    }
}

package io.headrace.udp;

import io.headrace.Application;
import io.headrace.CloseReason;
import io.headrace.OpenLoop;
import io.headrace.Reports;
import io.headrace.Session;
import io.headrace.Watch;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The sessions of one lane, by the address of their peers: a bounded table. When it is full, a new peer takes the place of the
 * one that has sent nothing for longest. Event loop only.
 */
final class UdpSessions<O> {
    private static final long COARSEST_NS = Duration.ofSeconds(1).toNanos();

    private final UdpLane<?, O> lane;
    private final OpenLoop loop;
    private final Application<Object, O> application;
    private final Reports reports;
    private final int most;
    private final long idleNs;
    private final Map<SocketAddress, UdpSession<O>> table =
            new LinkedHashMap<>(16, 0.75f, true); // Least recently heard of first.
    private Watch watch;

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

    /** The session of this sender, a new one if need be; null when the application could not open one. */
    UdpSession<O> of(SocketAddress sender, long allowance) {
        UdpSession<O> known = table.get(sender);
        if (known != null) {
            known.allow(allowance);
            known.used();
            return known;
        }
        if (table.size() >= most) {
            UdpSession<O> quietest = table.values().iterator().next();
            reports.warn("session evicted", () -> "of " + quietest + ": maxSessions reached", null);
            close(quietest, CloseReason.EVICTED);
        }
        return open(sender, allowance);
    }

    private UdpSession<O> open(SocketAddress sender, long allowance) {
        UdpSession<O> session = new UdpSession<>(this, lane, sender, loop.nanoTime());
        session.allow(allowance);
        table.put(sender, session);
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
        return session.ended() ? null : session;
    }

    /** Ends this session, unless it has ended. */
    void close(UdpSession<O> session, CloseReason reason) {
        if (table.remove(session.address(), session)) {
            watch.closed(reason, session.ageNs(loop.nanoTime()));
            session.end(reason);
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

    int open() {
        return table.size();
    }

    /** Tells each that the server is about to stop; who does not want to go on ends now. */
    void drain() {
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
        new ArrayList<>(table.values()).forEach(session -> close(session, CloseReason.FORCED));
    }
}

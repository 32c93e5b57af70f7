package io.headrace;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Workers of one running endpoint: hands each message from its event loop to them. */
final class WorkerStage implements MessageStage.PerLoop {
    private final Crew crew;
    private final boolean interrupting;
    private final Reports reports;
    private final Map<Object, Lane> lanes; // Null where messages need not wait for one another.

    WorkerStage(Crew crew, boolean inOrder, boolean interrupting, Reports reports) {
        this.crew = crew;
        this.interrupting = interrupting;
        this.reports = reports;
        this.lanes = inOrder ? new ConcurrentHashMap<>() : null;
    }

    /** Somebody else runs the handler, so the exchange outlives this call: {@code holdsExchange} stays true. */
    @Override
    public Handler<Object, Object> around(Handler<Object, Object> next, LoopSite loop) {
        return (message, exchange) -> hand(new WorkerTask(this, next, message, exchange), exchange);
    }

    private void hand(WorkerTask task, Exchange<Object> exchange) {
        if (interrupting) {
            exchange.onEnd(task);
        }
        if (!crew.admits()) {
            task.refused();
        } else if (!execute(exchange.peer(), task)) {
            crew.left();
            task.refused();
        }
    }

    private boolean execute(Peer<?> peer, Runnable task) {
        return lanes == null ? crew.execute(task) : Lane.execute(peer.key(), lanes, crew, task);
    }

    @Override
    public Session<Object> around(Session<Object> session, Connection<Object> connection) {
        return new WorkingSession(session, connection, this);
    }

    /** Runs it after everything else of this connection. Its number is bounded by the connections, so it is never refused. */
    void event(Connection<?> connection, Runnable task) {
        if (!execute(connection, task)) {
            task.run(); // The threads have ended, or are an executor's that is full: late is better than never.
        }
    }

    boolean interrupting() {
        return interrupting;
    }

    /** A message is done with. */
    void left() {
        crew.left();
    }

    /** A handler failed after its exchange had ended. */
    void faulty(Throwable cause) {
        reports.warn("fault", "on a worker, after the exchange had ended", cause);
    }
}

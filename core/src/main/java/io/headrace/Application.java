package io.headrace;

import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What an endpoint does: a handler for messages and, where a connection has state, a session for each. For transports.
 *
 * @param handler handles each message
 * @param sessions gives the session of a new connection, or null where connections have none
 * @param listens whether inbound bytes mean anything: {@code onConnect} speaks and does not listen
 * @param turns on which threads the handler may run
 */
public record Application<I, O>(
        Handler<I, O> handler,
        Function<? super Connection<O>, ? extends Session<? super I>> sessions,
        boolean listens,
        Turns turns) {

    /** On which threads a handler may run, and in what turn. */
    public enum Turns {
        /** On any, several messages at the same time. */
        ANY,
        /** On any, the messages of one connection one by one. */
        ONE_BY_ONE,
        /** On its event loop. */
        LOOP
    }

    /** One whose handler stays on its event loop. */
    public Application(
            Handler<I, O> handler,
            Function<? super Connection<O>, ? extends Session<? super I>> sessions,
            boolean listens) {
        this(handler, sessions, listens, Turns.LOOP);
    }

    static <I, O> Application<I, O> of(Handler<I, O> handler) {
        return new Application<>(handler, null, true, Turns.ANY);
    }

    /** The same with other sessions. */
    Application<I, O> sessionsFrom(Function<? super Connection<O>, ? extends Session<? super I>> other) {
        return new Application<>(handler, other, listens, turns);
    }

    /** Takes each message. */
    public static <I, O> Application<I, O> consume(Consumer<? super I> consumer) {
        return Adapters.consume(consumer);
    }

    /** One object with state for each connection. */
    public static <I, O> Application<I, O> sessions(
            Function<? super Connection<O>, ? extends Session<? super I>> sessions) {
        return Adapters.sessions(sessions);
    }

    /** Plain blocking code for each connection. */
    public static <I, O> Application<I, O> converse(Script<I, O> script) {
        return Adapters.converse(script);
    }

    /** The new connection's session, or null. Event loop only. */
    public Session<? super I> session(Connection<O> connection) {
        return sessions == null ? null : sessions.apply(connection);
    }
}

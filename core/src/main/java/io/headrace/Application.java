package io.headrace;

import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What an endpoint does: a handler for messages and, where a connection has state, a session for each. For transports.
 *
 * @param handler handles each message
 * @param sessions gives the session of a new connection, or null where connections have none
 * @param listens whether inbound bytes mean anything: {@code onConnect} speaks and does not listen
 */
public record Application<I, O>(
        Handler<I, O> handler,
        Function<? super Connection<O>, ? extends Session<? super I>> sessions,
        boolean listens) {

    static <I, O> Application<I, O> of(Handler<I, O> handler) {
        return new Application<>(handler, null, true);
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

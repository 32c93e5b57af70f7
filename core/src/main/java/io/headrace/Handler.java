package io.headrace;

/**
 * What an endpoint does with a message.
 *
 * @param <I> what comes in
 * @param <O> what may go out
 */
@FunctionalInterface
public interface Handler<I, O> {

    /**
     * Handles one message. On the event loop, so it must not block, unless the endpoint has {@link Workers}: then on one of these. Throwing
     * ends the exchange as {@link Outcome#FAILED}.
     *
     * <p>The exchange may be kept and ended later, from any thread. A message that is a buffer stays readable until the exchange ends; that
     * it does also when its connection ends first, so code that reads a buffer on another thread retains it meanwhile.
     */
    void handle(I message, Exchange<O> exchange) throws Exception;

    /**
     * Whether anybody may hold the exchange after {@link #handle} has returned; then each message gets an exchange of its own. A
     * handler or wrapper that always ends its exchange before it returns, and whose next one does so too, may say {@code false}:
     * one exchange then serves every message of a loop.
     */
    default boolean holdsExchange() {
        return true;
    }
}

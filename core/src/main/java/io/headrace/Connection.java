package io.headrace;

import java.net.SocketAddress;
import java.util.concurrent.CompletionStage;

/**
 * One stream to one peer. Everything about it happens on its event loop, in order; every method may be called from any thread.
 *
 * @param <O> what may go out
 */
public interface Connection<O> extends Peer<O> {

    /** Its number: unique in the process, in the order in which connections came; the log has it as {@code #12}. */
    long id();

    /** Itself: the next connection from the same address is another one. */
    @Override
    default Object key() {
        return this;
    }

    /** The address that the peer connected to. */
    SocketAddress localAddress();

    /** Sends a last message and closes gracefully. Consumes {@code message}; returns whether it was taken. */
    boolean sendAndClose(O message);

    /** Closes gracefully: what was sent leaves first, and never becomes a reset. */
    void close();

    /** Closes gracefully, for this reason. For stages. */
    void close(CloseReason reason);

    /**
     * Asks it to end once its current message is answered, for this reason, as when the server drains: a session is asked first and may
     * take its own time ({@link Session#draining}). Asking twice asks once. For stages, which close it some time later if it has not ended.
     */
    default void drain(CloseReason reason) {
        close(reason);
    }

    /** Reports a fault of the application's own and closes gracefully, as {@link CloseReason#HANDLER_FAILED}. */
    void fail(Throwable cause);

    /** Whether the queue toward the peer is under its mark; a patient sender waits for {@link #whenWritable}. */
    boolean writable();

    /**
     * Runs {@code task} once, on the event loop: at once when the connection is writable, else when it becomes so or ends. A task may ask
     * again, to send the rest then; after the end what a task asks is not answered, as nothing would ever be writable again. When the event
     * loop itself has ended, on the calling thread.
     */
    void whenWritable(Runnable task);

    /** Completes with the one reason when the connection has ended. Completed on the event loop. */
    CompletionStage<CloseReason> closed();

    /** What was set there, or null. */
    <T> T get(Attribute<T> attribute);

    /**
     * Puts something of yours on the connection, for its stages and handlers to find.
     *
     * <p>What a thread has set, every thread sees from then on; of two threads that set at the same time, one comes second and stands. The
     * value itself is not guarded.
     *
     * @param value null for none
     * @return what was there before
     */
    <T> T set(Attribute<T> attribute, T value);
}

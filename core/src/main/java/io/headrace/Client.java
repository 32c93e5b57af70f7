package io.headrace;

import java.net.SocketAddress;
import java.util.concurrent.CompletionStage;

/**
 * A connection that we made. Any thread.
 *
 * @param <I> what comes in
 * @param <O> what may go out
 */
public interface Client<I, O> extends AutoCloseable {

    /** The address that it is connected to. */
    SocketAddress address();

    /** Our own end of it. */
    SocketAddress localAddress();

    /**
     * Sends a question. The answer is the next message that no earlier question waits for: the protocol answers in order.
     *
     * <p>An answer that is a buffer belongs to whoever asked, who releases it.
     *
     * @param question consumed, whether it is taken or not
     * @return completed on the event loop: with the answer, or with an exception when too many questions are open, on datagrams
     *     when it takes too long, or when the connection ends first (then nobody knows whether the peer saw it)
     */
    CompletionStage<I> ask(O question);

    /** Sends a message to which no answer belongs. Consumes {@code message}; returns whether it was taken. */
    boolean send(O message);

    /** Completes with the one reason when the connection has ended. */
    CompletionStage<CloseReason> closed();

    /** Closes gracefully and does not wait: {@link #closed()} says when it is done. */
    @Override
    void close();
}

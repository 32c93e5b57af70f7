package io.headrace.tcp;

import io.headrace.Codec;
import io.headrace.Connection;
import io.headrace.Endpoint;
import io.headrace.Handler;
import io.headrace.Loops;
import io.headrace.Otherwise;
import io.headrace.Plan;
import io.headrace.Script;
import io.headrace.Session;
import io.headrace.Stage;
import io.netty.channel.socket.DuplexChannel;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Describes a server of streams, step by step. A value: every method gives a new one. The methods that say what happens with messages
 * ({@code reply} and so on) finish it.
 *
 * @param <S> the socket's options
 * @param <I> what comes in
 * @param <O> what may go out
 */
public final class StreamSetup<S, I, O> {
    private final Plan<DuplexChannel, I, O> plan;
    private final Sockets<S> sockets;

    StreamSetup(Plan<DuplexChannel, I, O> plan, Sockets<S> sockets) {
        this.plan = plan;
        this.sockets = sockets;
    }

    /** Under this name: in logs, in errors, and as the {@code endpoint} tag of meters. By default the transport and the port. */
    public StreamSetup<S, I, O> named(String name) {
        return new StreamSetup<>(plan.named(name), sockets);
    }

    /** With other socket options: {@code options(o -> o.backlog(4_096))}. */
    public StreamSetup<S, I, O> options(UnaryOperator<S> change) {
        Sockets<S> changed = sockets.options(change.apply(sockets.options()));
        return new StreamSetup<>(plan.transport(new StreamTransport(changed)), changed);
    }

    /** With one more stage, in place of the default of its kind. The order of adding matters only within a slot. */
    public StreamSetup<S, I, O> with(Stage<? super DuplexChannel> stage) {
        return new StreamSetup<>(plan.with(stage), sockets);
    }

    /** On these event loops instead of the shared ones. */
    public StreamSetup<S, I, O> loops(Loops loops) {
        return new StreamSetup<>(plan.loops(loops), sockets);
    }

    /** Without any default stage: no timeouts, no bounds on what is queued. For benchmarks and experts. */
    public StreamSetup<S, I, O> bare() {
        return new StreamSetup<>(plan.bare(), sockets);
    }

    /** With messages of these types. */
    public <J, P> StreamSetup<S, J, P> codec(Codec<J, P> codec) {
        return new StreamSetup<>(plan.codec(codec), sockets);
    }

    /** What is answered when an exchange fails, is refused or expires; without it the connection closes then. */
    public StreamSetup<S, I, O> otherwise(Otherwise<I, O> otherwise) {
        return new StreamSetup<>(plan.otherwise(otherwise), sockets);
    }

    /** Answers each message, on the event loop: the function must not block. */
    public Endpoint reply(Function<? super I, ? extends O> function) {
        return plan.reply(function);
    }

    /** Answers each message when the stage completes, on whatever thread; replies keep the order of the messages. */
    public Endpoint replyAsync(Function<? super I, ? extends CompletionStage<? extends O>> function) {
        return plan.replyAsync(function);
    }

    /** Takes each message, on the event loop, and answers none. */
    public Endpoint consume(Consumer<? super I> consumer) {
        return plan.consume(consumer);
    }

    /** Handles each message with its exchange, which may be ended later. */
    public Endpoint handle(Handler<? super I, ? extends O> handler) {
        return plan.handle(handler);
    }

    /**
     * Speaks to whoever connects and does not listen: what the peer sends is thrown away. On io_uring loops its TCP connections have epoll threads
     * beside those ({@link Loops#beside}), where a greeting costs much less.
     */
    public Endpoint onConnect(Consumer<? super Connection<O>> consumer) {
        return plan.loops(sockets.greeters(plan.loops())).onConnect(consumer);
    }

    /** One object with state for each connection. */
    public Endpoint sessions(Function<? super Connection<O>, ? extends Session<? super I>> sessions) {
        return plan.sessions(sessions);
    }

    /** Plain blocking code for each connection, on a thread that may block: virtual where the runtime has them. */
    public Endpoint converse(Script<I, O> script) {
        return plan.converse(script);
    }
}

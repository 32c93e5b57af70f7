package io.headrace.tcp;

import io.headrace.Application;
import io.headrace.CannotStartException;
import io.headrace.Client;
import io.headrace.Codec;
import io.headrace.Connection;
import io.headrace.Loops;
import io.headrace.Plan;
import io.headrace.Script;
import io.headrace.Session;
import io.headrace.Stage;
import io.netty.channel.socket.DuplexChannel;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Describes a client of a stream, step by step. A value: every method gives a new one.
 *
 * @param <S> the socket's options
 * @param <I> what comes in
 * @param <O> what may go out
 */
public final class ClientSetup<S, I, O> {
    private final Plan<DuplexChannel, I, O> plan;
    private final Sockets<S> sockets;
    private final Application<I, O> unasked;

    ClientSetup(Plan<DuplexChannel, I, O> plan, Sockets<S> sockets) {
        this(plan, sockets, null);
    }

    private ClientSetup(Plan<DuplexChannel, I, O> plan, Sockets<S> sockets, Application<I, O> unasked) {
        this.plan = plan;
        this.sockets = sockets;
        this.unasked = unasked;
    }

    /** Under this name: in logs, in errors, and as the {@code endpoint} tag of meters. */
    public ClientSetup<S, I, O> named(String name) {
        return new ClientSetup<>(plan.named(name), sockets, unasked);
    }

    /** With other socket options: {@code options(o -> o.connectTimeout(Duration.ofSeconds(1)))}. */
    public ClientSetup<S, I, O> options(UnaryOperator<S> change) {
        Sockets<S> changed = sockets.options(change.apply(sockets.options()));
        return new ClientSetup<>(plan.transport(new StreamTransport(changed, false)), changed, unasked);
    }

    /** With one more stage, in place of the default of its kind. */
    public ClientSetup<S, I, O> with(Stage<? super DuplexChannel> stage) {
        return new ClientSetup<>(plan.with(stage), sockets, unasked);
    }

    /** On these event loops instead of the shared ones. */
    public ClientSetup<S, I, O> loops(Loops loops) {
        return new ClientSetup<>(plan.loops(loops), sockets, unasked);
    }

    /** Without any default stage. */
    public ClientSetup<S, I, O> bare() {
        return new ClientSetup<>(plan.bare(), sockets, unasked);
    }

    /** With messages of these types; what was said about messages of the old type is forgotten. */
    public <J, P> ClientSetup<S, J, P> codec(Codec<J, P> codec) {
        return new ClientSetup<>(plan.codec(codec), sockets, null);
    }

    /** Takes the messages that answer no question, on the event loop. Without this they end the connection. */
    public ClientSetup<S, I, O> consume(Consumer<? super I> consumer) {
        return new ClientSetup<>(plan, sockets, Application.consume(consumer));
    }

    /** Gives the messages that answer no question to one object with state. */
    public ClientSetup<S, I, O> sessions(Function<? super Connection<O>, ? extends Session<? super I>> sessions) {
        return new ClientSetup<>(plan, sockets, Application.sessions(sessions));
    }

    /** Gives the messages that answer no question to plain blocking code; the connection closes when it returns. */
    public ClientSetup<S, I, O> converse(Script<I, O> script) {
        return new ClientSetup<>(plan, sockets, Application.converse(script));
    }

    /**
     * Connects. Blocks until it is connected; not on an event loop.
     *
     * @throws IllegalArgumentException naming every bad setting
     * @throws CannotStartException when no address of the host can be connected to; nothing is left open
     */
    public Client<I, O> start() {
        return StreamClient.connect(plan, sockets, unasked);
    }
}

package io.headrace.udp;

import io.headrace.Codec;
import io.headrace.Connection;
import io.headrace.Endpoint;
import io.headrace.Handler;
import io.headrace.Loops;
import io.headrace.Otherwise;
import io.headrace.Plan;
import io.headrace.Session;
import io.headrace.Stage;
import io.headrace.UnixPath;
import io.netty.channel.unix.DomainDatagramChannel;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A Unix-domain endpoint for datagrams that is being described: an immutable value, every method gives a new one. {@code reply}, {@code
 * replyAsync}, {@code consume}, {@code sessions} and {@code handle} finish it.
 *
 * <p>One socket on one event loop, on epoll or kqueue. A peer whose own socket has no path can send, but nobody can answer it: such an answer
 * is dropped and counted.
 *
 * @param <I> what comes in: by default the datagram's bytes, released when its exchange ends; retaining them longer than that keeps the
 *     memory of their whole batch, so copy what you keep
 * @param <O> what may go out: by default a buffer, a byte array or text
 */
public final class UnixDatagramSetup<I, O> {
    private final UnixDatagramTransport transport;
    private final Plan<DomainDatagramChannel, I, O> plan;

    UnixDatagramSetup(UnixDatagramTransport transport, Plan<DomainDatagramChannel, I, O> plan) {
        this.transport = transport;
        this.plan = plan;
    }

    private <J, P> UnixDatagramSetup<J, P> with(Plan<DomainDatagramChannel, J, P> changed) {
        return new UnixDatagramSetup<>(transport, changed);
    }

    /** Names the endpoint; {@code unix-<file name>} by default. */
    public UnixDatagramSetup<I, O> named(String name) {
        return with(plan.named(name));
    }

    /** Changes the socket's options: {@code options(o -> o.maxDatagramBytes(4_096))}. */
    public UnixDatagramSetup<I, O> options(UnaryOperator<UdpOptions> change) {
        UnixDatagramTransport changed = transport.options(change.apply(transport.options()));
        return new UnixDatagramSetup<>(changed, plan.transport(changed));
    }

    /** Who may send here, as {@code ls} shows it: {@code rw-rw----}. For the owner only by default. */
    public UnixDatagramSetup<I, O> mode(String mode) {
        return at(transport.path().mode(mode));
    }

    /** The group that the path belongs to; the process's user must be in it, or be root. */
    public UnixDatagramSetup<I, O> group(String group) {
        return at(transport.path().group(group));
    }

    private UnixDatagramSetup<I, O> at(UnixPath path) {
        UnixDatagramTransport changed = transport.path(path);
        return new UnixDatagramSetup<>(changed, plan.transport(changed));
    }

    /** Adds a stage. The order of adding is free: each stage knows its slot. */
    public UnixDatagramSetup<I, O> with(Stage<? super DomainDatagramChannel> stage) {
        return with(plan.with(stage));
    }

    /** Runs on these threads, in place of those that everything shares. */
    public UnixDatagramSetup<I, O> loops(Loops loops) {
        return with(plan.loops(loops));
    }

    /** Starts from no default stages. */
    public UnixDatagramSetup<I, O> bare() {
        return with(plan.bare());
    }

    /** Turns datagrams into messages and back. */
    public <J, P> UnixDatagramSetup<J, P> codec(Codec<J, P> codec) {
        return with(plan.codec(codec));
    }

    /** Answers in the place of an exchange that failed, was refused or expired; without it such a peer hears nothing. */
    public UnixDatagramSetup<I, O> otherwise(Otherwise<I, O> otherwise) {
        return with(plan.otherwise(otherwise));
    }

    /** Answers each message on its event loop, so the function must not block. */
    public Endpoint reply(Function<? super I, ? extends O> function) {
        return plan.reply(function);
    }

    /** Answers each message when its stage completes, on whatever thread; answers leave in the order in which they come. */
    public Endpoint replyAsync(Function<? super I, ? extends CompletionStage<? extends O>> function) {
        return plan.replyAsync(function);
    }

    /** Takes each message and answers none. */
    public Endpoint consume(Consumer<? super I> consumer) {
        return plan.consume(consumer);
    }

    /** One object with state for each peer that has a path, as for UDP: see {@link UdpSetup#sessions}. */
    public Endpoint sessions(Function<? super Connection<O>, ? extends Session<? super I>> sessions) {
        return plan.transport(transport.withSessions()).sessions(sessions);
    }

    /** Handles each message. */
    public Endpoint handle(Handler<? super I, ? extends O> handler) {
        return plan.handle(handler);
    }
}

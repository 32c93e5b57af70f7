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
import io.netty.channel.socket.DatagramChannel;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A UDP endpoint that is being described: an immutable value, every method gives a new one. {@code reply}, {@code replyAsync}, {@code
 * consume}, {@code sessions} and {@code handle} finish it.
 *
 * <p>One socket on one event loop unless {@link #sockets}, {@link #socketPerLoop} or {@link #spread} say otherwise. A peer that got no answer hears nothing: a datagram that is malformed, too long or refused, or
 * whose handler fails, is dropped and counted.
 *
 * @param <I> what comes in: by default the datagram's bytes, released when its exchange ends; retaining them longer than that keeps the
 *     memory of their whole batch, so copy what you keep
 * @param <O> what may go out: by default a buffer, a byte array or text
 */
public final class UdpSetup<I, O> {
    private final UdpTransport transport;
    private final Plan<DatagramChannel, I, O> plan;

    UdpSetup(UdpTransport transport, Plan<DatagramChannel, I, O> plan) {
        this.transport = transport;
        this.plan = plan;
    }

    private <J, P> UdpSetup<J, P> with(Plan<DatagramChannel, J, P> changed) {
        return new UdpSetup<>(transport, changed);
    }

    /** Names the endpoint; {@code udp-<port>} by default. */
    public UdpSetup<I, O> named(String name) {
        return with(plan.named(name));
    }

    /** Changes the socket's options: {@code options(o -> o.maxDatagramBytes(4_096))}. */
    public UdpSetup<I, O> options(UnaryOperator<UdpOptions> change) {
        UdpTransport changed = transport.options(change.apply(transport.options()));
        return new UdpSetup<>(changed, plan.transport(changed));
    }

    /** Shares the port among so many sockets, each on the next event loop in turn: {@link UdpOptions#sockets(int)}. */
    public UdpSetup<I, O> sockets(int sockets) {
        return options(options -> options.sockets(sockets));
    }

    /** One socket on each event loop: {@link UdpOptions#socketPerLoop()}. */
    public UdpSetup<I, O> socketPerLoop() {
        return options(UdpOptions::socketPerLoop);
    }

    /** One socket, and its peers spread over all event loops: {@link UdpOptions#spread()}. */
    public UdpSetup<I, O> spread() {
        return options(UdpOptions::spread);
    }

    /** Adds a stage. The order of adding is free: each stage knows its slot. */
    public UdpSetup<I, O> with(Stage<? super DatagramChannel> stage) {
        return with(plan.with(stage));
    }

    /** Runs on these threads, in place of those that everything shares. */
    public UdpSetup<I, O> loops(Loops loops) {
        return with(plan.loops(loops));
    }

    /** Starts from no default stages. */
    public UdpSetup<I, O> bare() {
        return with(plan.bare());
    }

    /** Turns datagrams into messages and back. */
    public <J, P> UdpSetup<J, P> codec(Codec<J, P> codec) {
        return with(plan.codec(codec));
    }

    /** Answers in the place of an exchange that failed, was refused or expired; without it such a peer hears nothing. */
    public UdpSetup<I, O> otherwise(Otherwise<I, O> otherwise) {
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

    /**
     * One object with state for each peer that sends, as on a stream: it is asked for with the first datagram from an address, and ends when
     * nothing has come or gone for {@link UdpOptions#sessionIdle()}, when it closes itself, or when {@link UdpOptions#maxSessions()} are
     * newer. Nothing tells the peer of an end, and {@link Session#peerFinished} is never called. What is sent counts against the {@link
     * ReplyLimit} of all that came from that peer. With several sockets, each has its share of the sessions.
     */
    public Endpoint sessions(Function<? super Connection<O>, ? extends Session<? super I>> sessions) {
        return plan.transport(transport.withSessions()).sessions(sessions);
    }

    /** Handles each message. */
    public Endpoint handle(Handler<? super I, ? extends O> handler) {
        return plan.handle(handler);
    }
}

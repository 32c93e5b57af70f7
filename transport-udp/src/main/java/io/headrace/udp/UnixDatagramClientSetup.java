package io.headrace.udp;

import io.headrace.Application;
import io.headrace.CannotStartException;
import io.headrace.Client;
import io.headrace.Codec;
import io.headrace.Loops;
import io.headrace.OpenEndpoint;
import io.headrace.Plan;
import io.headrace.Stage;
import io.headrace.Text;
import io.netty.channel.unix.DomainDatagramChannel;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A client of a Unix-domain datagram endpoint that is being described: an immutable value, every method gives a new one. {@link #start()} opens it.
 *
 * <p>Its socket is connected to one peer: it hears nobody else. {@link Client#ask} waits for at most {@link
 * UdpOptions#answerTimeout()}, and sends the question again on the schedule of {@link UdpOptions#repeatAfter}. With {@link #correlate} many
 * questions may be open; without it only one, the next datagram is its answer, whatever it is, and the late answer to a question that was
 * given up is taken for the answer to the next one. A question that got no answer fails with a {@code TimeoutException} and is counted as
 * lost; whether it or its answer was lost on the way, nobody knows. When the peer's system says that nobody listens on the port, open
 * questions that are not repeated fail at once. An answer that is a buffer belongs to who asked.
 *
 * @param <I> what comes in: by default the datagram's bytes
 * @param <O> what may go out: by default a buffer, a byte array or text
 */
public final class UnixDatagramClientSetup<I, O> {
    private final UnixDatagramTransport transport;
    private final Plan<DomainDatagramChannel, I, O> plan;
    private final Consumer<? super I> consumer;
    private final Correlation<? super I, ? super O> correlation; // Null: one question at a time.

    UnixDatagramClientSetup(UnixDatagramTransport transport, Plan<DomainDatagramChannel, I, O> plan) {
        this(transport, plan, unasked -> {}, null);
    }

    private UnixDatagramClientSetup(
            UnixDatagramTransport transport,
            Plan<DomainDatagramChannel, I, O> plan,
            Consumer<? super I> consumer,
            Correlation<? super I, ? super O> correlation) {
        this.transport = transport;
        this.plan = plan;
        this.consumer = consumer;
        this.correlation = correlation;
    }

    private UnixDatagramClientSetup<I, O> with(Plan<DomainDatagramChannel, I, O> changed) {
        return new UnixDatagramClientSetup<>(transport, changed, consumer, correlation);
    }

    /** Names the client; {@code unix-client-<file name>} by default. */
    public UnixDatagramClientSetup<I, O> named(String name) {
        return with(plan.named(name));
    }

    /** Changes the socket's options: {@code options(o -> o.answerTimeout(Duration.ofSeconds(1)))}. */
    public UnixDatagramClientSetup<I, O> options(UnaryOperator<UdpOptions> change) {
        UnixDatagramTransport changed = transport.options(change.apply(transport.options()));
        return new UnixDatagramClientSetup<>(changed, plan.transport(changed), consumer, correlation);
    }

    /** Adds a stage. The order of adding is free: each stage knows its slot. */
    public UnixDatagramClientSetup<I, O> with(Stage<? super DomainDatagramChannel> stage) {
        return with(plan.with(stage));
    }

    /** Runs on these threads, in place of those that everything shares. */
    public UnixDatagramClientSetup<I, O> loops(Loops loops) {
        return with(plan.loops(loops));
    }

    /** Starts from no default stages. */
    public UnixDatagramClientSetup<I, O> bare() {
        return with(plan.bare());
    }

    /** Turns datagrams into messages and back. Forgets {@link #consume} and {@link #correlate}, which were said of other messages. */
    public <J, P> UnixDatagramClientSetup<J, P> codec(Codec<J, P> codec) {
        return new UnixDatagramClientSetup<>(transport, plan.codec(codec));
    }

    /** Takes what comes while no question is open, on the event loop; without it that is dropped. A buffer is released afterwards. */
    public UnixDatagramClientSetup<I, O> consume(Consumer<? super I> consumer) {
        return new UnixDatagramClientSetup<>(transport, plan, consumer, correlation);
    }

    /** Tells answers apart, so that up to 1,024 questions may be open; an answer that belongs to none of them is consumed. */
    public UnixDatagramClientSetup<I, O> correlate(Correlation<? super I, ? super O> correlation) {
        return new UnixDatagramClientSetup<>(transport, plan, consumer, correlation);
    }

    /** The same, by two functions that give what a question and its answer have in common. */
    public UnixDatagramClientSetup<I, O> correlate(Function<? super O, ?> ofQuestion, Function<? super I, ?> ofAnswer) {
        return correlate(new Correlation<I, O>() {
            @Override
            public Object ofQuestion(O question) {
                return ofQuestion.apply(question);
            }

            @Override
            public Object ofAnswer(I answer) {
                return ofAnswer.apply(answer);
            }
        });
    }

    /**
     * Opens the client. Any thread but its own event loops; a host name is resolved on this thread.
     *
     * @throws IllegalArgumentException naming every bad setting, before a socket opens
     * @throws CannotStartException when there is no way to the peer; nothing is left open
     */
    public Client<I, O> start() {
        UdpClient<I, O> client = new UdpClient<>(transport.options(), correlation, consumer);
        OpenEndpoint open = plan.open(new Application<>(client, null, true));
        try {
            if (open.openLoops().stream().anyMatch(loop -> loop.eventLoop().inEventLoop())) {
                throw new IllegalStateException("start: called on an event loop (expected: a thread that may wait)");
            }
            client.start(open, SocketOpening.connect(open, transport.options(), transport.path(), transport.own()));
            return client;
        } catch (Error | IllegalStateException fault) {
            open.close();
            throw fault;
        } catch (Exception cause) {
            open.close();
            if (cause instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            throw new CannotStartException(
                    "cannot start unix client '" + plan.name() + "' to " + transport.address() + ": "
                            + Text.words(cause),
                    cause);
        }
    }
}

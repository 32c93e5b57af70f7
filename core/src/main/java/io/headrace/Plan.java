package io.headrace;

import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What a setup has collected so far: an immutable value, on which each transport's setup puts a face with only the methods that make
 * sense there. For transports.
 */
public final class Plan<C extends Channel, I, O> {
    private final Transport<C> transport;
    private final String name;
    private final Loops loops;
    private final boolean bare;
    private final List<Stage<? super C>> stages;
    private final Codec<I, O> codec;
    private final Otherwise<I, O> otherwise;

    private Plan(
            Transport<C> transport,
            String name,
            Loops loops,
            boolean bare,
            List<Stage<? super C>> stages,
            Codec<I, O> codec,
            Otherwise<I, O> otherwise) {
        this.transport = transport;
        this.name = name;
        this.loops = loops;
        this.bare = bare;
        this.stages = stages;
        this.codec = codec;
        this.otherwise = otherwise;
    }

    /** A plan with nothing but its transport, its name and a codec. */
    public static <C extends Channel, I, O> Plan<C, I, O> of(Transport<C> transport, String name, Codec<I, O> codec) {
        return new Plan<>(transport, name, Loops.shared(), false, List.<Stage<? super C>>of(), codec, null);
    }

    public Plan<C, I, O> transport(Transport<C> transport) {
        return new Plan<>(transport, name, loops, bare, stages, codec, otherwise);
    }

    public Plan<C, I, O> named(String name) {
        return new Plan<>(transport, name, loops, bare, stages, codec, otherwise);
    }

    public Plan<C, I, O> loops(Loops loops) {
        return new Plan<>(transport, name, loops, bare, stages, codec, otherwise);
    }

    public Plan<C, I, O> bare() {
        return new Plan<>(transport, name, loops, true, stages, codec, otherwise);
    }

    public Plan<C, I, O> with(Stage<? super C> stage) {
        List<Stage<? super C>> more = new ArrayList<>(stages);
        more.add(stage == null ? NoStage.here() : stage);
        return new Plan<>(transport, name, loops, bare, List.copyOf(more), codec, otherwise);
    }

    /** With another codec; what was said about answers of the old type is forgotten. */
    public <J, P> Plan<C, J, P> codec(Codec<J, P> codec) {
        return new Plan<>(transport, name, loops, bare, stages, codec, null);
    }

    public Plan<C, I, O> otherwise(Otherwise<I, O> otherwise) {
        return new Plan<>(transport, name, loops, bare, stages, codec, otherwise);
    }

    public Endpoint reply(Function<? super I, ? extends O> function) {
        return endpoint(function == null ? null : Adapters.reply(function));
    }

    public Endpoint replyAsync(Function<? super I, ? extends CompletionStage<? extends O>> function) {
        return endpoint(function == null ? null : Adapters.replyAsync(function));
    }

    public Endpoint consume(Consumer<? super I> consumer) {
        return endpoint(consumer == null ? null : Adapters.consume(consumer));
    }

    /** Sound, though unchecked: an exchange only takes answers in and never gives one out. */
    @SuppressWarnings("unchecked")
    public Endpoint handle(Handler<? super I, ? extends O> handler) {
        return endpoint(handler == null ? null : Application.of((Handler<I, O>) handler));
    }

    public Endpoint onConnect(Consumer<? super Connection<O>> consumer) {
        return endpoint(consumer == null ? null : Adapters.<I, O>onConnect(consumer));
    }

    public Endpoint sessions(Function<? super Connection<O>, ? extends Session<? super I>> sessions) {
        return endpoint(sessions == null ? null : Adapters.sessions(sessions));
    }

    public Endpoint converse(Script<I, O> script) {
        return endpoint(script == null ? null : Adapters.converse(script));
    }

    private Endpoint endpoint(Application<I, O> application) {
        return new Endpoint(this, application);
    }

    /**
     * Opens what a client needs: loops and stages, and no listening socket. The caller closes it.
     *
     * @throws IllegalArgumentException naming every bad setting; nothing is open then
     */
    public OpenEndpoint open(Application<I, O> application) {
        Problems problems = problems(application);
        if (!problems.none()) {
            throw new IllegalArgumentException(problems.toString());
        }
        return OpenEndpoint.open(this, application);
    }

    public Transport<C> transport() {
        return transport;
    }

    public String name() {
        return name;
    }

    public Loops loops() {
        return loops;
    }

    public Codec<I, O> codec() {
        return codec;
    }

    Otherwise<I, O> otherwise() {
        return otherwise;
    }

    Assembly assembly() {
        return new Assembly(bare ? List.of() : transport.defaults(), stages);
    }

    /** Everything that is wrong with it. */
    Problems problems(Application<?, ?> application) {
        Problems problems = new Problems(describe());
        problems.expect(name != null && !name.isBlank(), "name", name, "not blank");
        problems.expect(codec != null, "codec", null, "a codec");
        transport.check(problems);
        if (loops == null) {
            problems.expect(false, "loops", null, "event loops");
        } else {
            loops.check(problems);
        }
        Assembly assembly = assembly();
        assembly.check(problems, transport, application);
        problems.advise(
                !transport.everywhere() || assembly.guarded(),
                "address",
                transport.address() + ", open to whoever reaches this machine",
                "a limit on connections or peers of your own, rules by address, or TLS; or one address in place of all");
        return problems;
    }

    /** Adds what only a look at the machine tells. */
    void rehearse(Problems problems) {
        problems.note("loops", String.join("; ", transport.loops(loops).explain()));
        Machine.descriptorLimit()
                .ifPresent(limit -> problems.note(
                        "descriptors",
                        limit + ", of which " + Machine.openDescriptors().orElse(0) + " are open"));
        transport.rehearse(problems);
    }

    String describe() {
        return transport.name() + " endpoint '" + name + "' on " + transport.address();
    }
}

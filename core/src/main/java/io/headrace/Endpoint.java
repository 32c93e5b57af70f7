package io.headrace;

import java.util.Set;

/**
 * Something that can be served: transport, stages, handler. An immutable value; nothing is open until it starts.
 *
 * <p>Made by a setup: {@code Tcp.listen(7000).with(...).codec(...).reply(...)}. {@link #toString()} prints the line.
 */
public final class Endpoint {
    private final Plan<?, ?, ?> plan;
    private final Application<?, ?> application;

    <I, O> Endpoint(Plan<?, I, O> plan, Application<I, O> application) {
        this.plan = plan;
        this.application = application;
    }

    /** Starts a server with this one endpoint. Blocks until it listens; not on an event loop. */
    public Server start() {
        return Server.start(this);
    }

    /** Its name, unique in a server; the value of the {@code endpoint} tag. */
    public String name() {
        return plan.name();
    }

    /**
     * Looks at everything that would keep this endpoint from starting now, or that may surprise: settings, what the machine grants, whether
     * its address is free. Starts nothing and leaves nothing open. Blocks; not on an event loop.
     */
    public Findings check() {
        Problems problems = problems();
        if (problems.none()) { // A rehearsal with bad settings would only say the same again.
            plan.rehearse(problems);
        }
        return problems.findings();
    }

    Problems problems() {
        Problems problems = plan.problems(application);
        problems.expect(application != null, "handler", null, "what to do with messages");
        return problems;
    }

    Set<String> claims() {
        return plan.transport().claims();
    }

    /** As {@code tcp endpoint 'orders' on 127.0.0.1:7443}. */
    String describe() {
        return plan.describe();
    }

    OpenEndpoint open() {
        return OpenEndpoint.open(plan, application);
    }

    Transport.Listener listen(OpenEndpoint open) throws Exception {
        return plan.transport().listen(open);
    }

    /** The line, from the wire to the handler; a star marks the defaults. */
    @Override
    public String toString() {
        return describe() + ": wire > " + plan.assembly().picture(plan.codec()) + " > handler   (* by default)";
    }
}

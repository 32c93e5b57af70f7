package io.headrace.bench.load;

import java.io.IOException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What the commands of all modes have in common: a plan is made, run and reported. */
@Command(sortOptions = false, abbreviateSynopsis = true, usageHelpWidth = 124)
abstract class ModeCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Mixin
    LoadOptions load;

    @Mixin
    GateOptions gates;

    @Mixin
    FileOptions files;

    @Option(names = "--quiet", description = "No line for each interval on standard error.")
    private boolean quiet;

    @Option(
            names = "--pid",
            paramLabel = "PID",
            description =
                    "The server's process on this host (Linux): its processor time per answer; in mode soak its memory per connection.")
    Long pid;

    @Parameters(
            paramLabel = "TARGET",
            arity = "1..*",
            description =
                    "tcp://HOST:PORT, tls://HOST:PORT or unix:/PATH; in mode udp udp://HOST:PORT or unixgram:/PATH. Connections go to several in turn.")
    private List<String> targets;

    /** Whether this mode can be played over it. */
    boolean takes(Scheme scheme) {
        return !scheme.datagrams();
    }

    /** How long an answer may take, where nobody says. */
    Duration patience() {
        return Duration.ofSeconds(10);
    }

    /**
     * The plan of this mode.
     *
     * @throws IllegalArgumentException saying what is wrong with an option
     */
    abstract Plan plan(List<Destination> destinations);

    /**
     * The plan of a mode whose connections do this.
     *
     * @param pace when requests are due, or null in a closed loop
     */
    final Plan plan(
            List<Destination> destinations,
            Flow.Kind flows,
            MessageOptions.Choice message,
            int window,
            PaceOption.Pace pace) {
        return load.plan(command(), spec.name(), flows, destinations, message, window, pace, gates.gates(), patience());
    }

    @Override
    public Integer call() throws IOException {
        Plan plan;
        try {
            plan = plan(destinations());
            requireAllAnswers(plan);
        } catch (IllegalArgumentException bad) {
            throw new ParameterException(spec.commandLine(), bad.getMessage());
        }
        requireBackend(plan);
        files.check();
        warnOfGates(plan);
        try (Runs runs = new Runs()) {
            Report report = report(plan, runs);
            files.write(spec, report);
            return status(report);
        }
    }

    /** @throws IllegalArgumentException when the server works for more than this process knows of */
    private void requireAllAnswers(Plan plan) {
        if (pid != null && plan.shard().of() > 1) {
            throw new IllegalArgumentException(
                    "--pid: not together with --shard (a shard knows only of its own answers and connections)");
        }
    }

    /** What came of it: of one run, where a mode does not need more. */
    Report report(Plan plan, Runs runs) {
        return pid == null ? runs.run(plan, live(plan)) : withServerTime(plan, runs);
    }

    private Report withServerTime(Plan plan, Runs runs) {
        ServerTime server;
        try {
            server = new ServerTime(pid);
        } catch (IllegalArgumentException bad) {
            throw new IllegalStateException(bad.getMessage(), bad);
        }
        Consumer<Interval> live = live(plan);
        Report report = runs.run(plan, interval -> {
            if (interval.warm()) {
                server.begin();
            } else {
                server.end();
            }
            live.accept(interval);
        });
        return report.with("server_cpu", server.found(report));
    }

    int status(Report report) {
        return gates.status(report);
    }

    /** The words that were given, as a report shows them. */
    final String command() {
        return spec.qualifiedName() + " "
                + Words.line(spec.commandLine().getParseResult().originalArgs().stream()
                        .dropWhile(word -> !word.equals(spec.name()))
                        .skip(1)
                        .toList());
    }

    private List<Destination> destinations() {
        List<Destination> destinations = new ArrayList<>();
        for (String target : targets) {
            try {
                Destination destination = Destination.parse(target);
                if (!takes(destination.scheme())) {
                    throw new IllegalArgumentException("target: " + target
                            + " (mode udp is for udp://HOST:PORT and unixgram:/PATH, all others for streams)");
                }
                destinations.add(destination);
            } catch (UnknownHostException unknown) {
                throw new IllegalStateException("cannot load " + target + ": unknown host", unknown);
            }
        }
        return destinations;
    }

    final Consumer<Interval> live(Plan plan) {
        return quiet
                ? interval -> {}
                : new LiveLine(spec.commandLine().getErr(), plan.flows().asks(), plan.ownRate());
    }

    /** What got no answer is as old as the patience and no older: it keeps a gate beyond that, however many there are. */
    private void warnOfGates(Plan plan) {
        for (String gate : plan.gates()) {
            if (Gate.parse(gate).isBeyond(plan.timeoutNs())) {
                spec.commandLine()
                        .getErr()
                        .println(spec.qualifiedName() + ": warning: " + gate
                                + " holds without any answer, at --timeout " + Units.time(plan.timeoutNs())
                                + " (expected: a longer --timeout, or errors<0.1%, too)");
            }
        }
        spec.commandLine().getErr().flush();
    }

    private static void requireBackend(Plan plan) {
        String obstacle = plan.backend().obstacle();
        if (obstacle != null) {
            throw new IllegalStateException("cannot run: " + plan.backend() + " is not available here: " + obstacle);
        }
    }
}

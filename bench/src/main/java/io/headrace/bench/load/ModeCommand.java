package io.headrace.bench.load;

import java.io.IOException;
import java.net.UnknownHostException;
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

    @Parameters(
            paramLabel = "TARGET",
            arity = "1..*",
            description =
                    "tcp://HOST:PORT, tls://HOST:PORT or unix:/PATH; in mode udp udp://HOST:PORT. Connections go to several in turn.")
    private List<String> targets;

    /** Whether this mode can be played over it. */
    boolean takes(Destination.Scheme scheme) {
        return !scheme.datagrams();
    }

    /** The plan of this mode. */
    abstract Plan plan(List<Destination> destinations);

    @Override
    public Integer call() throws IOException {
        Plan plan;
        try {
            plan = plan(destinations());
        } catch (IllegalArgumentException bad) {
            throw new ParameterException(spec.commandLine(), bad.getMessage());
        }
        requireBackend(plan);
        files.check();
        try (Runs runs = new Runs()) {
            Report report = report(plan, runs);
            files.write(spec, report);
            return status(report);
        }
    }

    /** What came of it: of one run, where a mode does not need more. */
    Report report(Plan plan, Runs runs) {
        return runs.run(plan, live(plan));
    }

    int status(Report report) {
        return gates.status(report);
    }

    /** The words that were given, as a report shows them. */
    final String command() {
        return spec.qualifiedName() + " "
                + String.join(
                        " ",
                        spec.commandLine().getParseResult().originalArgs().stream()
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
                    throw new IllegalArgumentException(
                            "target: " + target + " (mode udp is for udp://HOST:PORT, all others for streams)");
                }
                destinations.add(destination);
            } catch (UnknownHostException unknown) {
                throw new IllegalStateException("cannot load " + target + ": unknown host", unknown);
            }
        }
        return destinations;
    }

    final Consumer<Interval> live(Plan plan) {
        return quiet ? interval -> {} : new LiveLine(spec.commandLine().getErr(), plan.rate());
    }

    private static void requireBackend(Plan plan) {
        String obstacle = plan.backend().obstacle();
        if (obstacle != null) {
            throw new IllegalStateException("cannot run: " + plan.backend() + " is not available here: " + obstacle);
        }
    }
}

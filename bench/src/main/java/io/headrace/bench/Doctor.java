package io.headrace.bench;

import io.headrace.Endpoint;
import io.headrace.Finding.Level;
import io.headrace.Findings;
import io.headrace.Loops;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code headrace doctor}: what the machine grants, and whether a server could start on it now. */
@Command(
        name = "doctor",
        sortOptions = false,
        description =
                "Says what this machine grants and limits, and whether these services could start on it now. Starts nothing.",
        footer = {
            "",
            "Status: 0 when nothing is in the way, 3 when something is (ERROR), 2 for a bad argument.",
            "Example: headrace doctor echo=tcp://127.0.0.1:7000"
        })
final class Doctor implements Callable<Integer> {
    private static final int SOMETHING_IN_THE_WAY = 3;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "SERVICE=ADDRESS", arity = "0..*", description = "As for headrace serve: " + Target.FORMS)
    private List<String> targets = List.of();

    @Option(
            names = "--transport",
            paramLabel = "NAME",
            defaultValue = "auto",
            converter = Serve.BackendByName.class,
            description = "auto, nio, epoll, kqueue or io_uring. Default: ${DEFAULT-VALUE}.")
    private Loops.Backend backend;

    @Mixin
    private ServerCertificate certificate;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this.")
    private boolean help;

    @Override
    public Integer call() {
        List<Findings> all = new ArrayList<>(List.of(MachineFindings.all()));
        for (Endpoint endpoint : endpoints()) {
            all.add(endpoint.check());
        }
        PrintWriter out = spec.commandLine().getOut();
        all.forEach(out::println);
        long errors = count(all, Level.ERROR);
        out.println(number(errors, "error") + ", " + number(count(all, Level.WARN), "warning"));
        return errors == 0 ? 0 : SOMETHING_IN_THE_WAY;
    }

    private List<Endpoint> endpoints() {
        try {
            List<Target> wanted = targets.stream().map(Target::parse).toList();
            Serving.GreetingClose close = Serving.GreetingClose.ABRUPT;
            return HeadraceServing.endpoints(
                    new Serving.Choices(backend, 1, close, false, false, false, certificate.context(wanted)), wanted);
        } catch (IllegalArgumentException bad) {
            throw new ParameterException(spec.commandLine(), bad.getMessage());
        }
    }

    private static long count(List<Findings> all, Level level) {
        return all.stream().mapToLong(findings -> findings.of(level).size()).sum();
    }

    private static String number(long count, String noun) {
        return (count == 0 ? "no" : count) + " " + noun + (count == 1 ? "" : "s");
    }
}

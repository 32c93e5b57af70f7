package io.headrace.bench.load;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code headrace load}: one subcommand for each mode. */
@Command(
        name = "load",
        subcommands = {
            ConnectMode.class,
            EchoMode.class,
            PipelineMode.class,
            RateMode.class,
            UdpMode.class,
            BulkMode.class,
            SoakMode.class,
            FindMode.class
        },
        usageHelpWidth = 110,
        synopsisSubcommandLabel = "MODE",
        description = "Loads a server over TCP, TLS, UDP or a Unix socket, and says what came of it.",
        footer = {
            "",
            "Exit codes: 0 done, all gates met; 1 could not run, or nothing was answered; 2 usage; 3 a gate broken;",
            "4 generator limited, with --strict; 130 or 143 interrupted, with what was measured until then reported."
        })
public final class Load implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this.")
    private boolean help;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "Missing mode (expected: one of " + spec.subcommands().keySet() + ")");
    }
}

package io.headrace.bench;

import io.headrace.bench.compare.Compare;
import io.headrace.bench.load.Load;
import io.headrace.bench.load.Merge;
import io.headrace.bench.load.Plot;
import io.headrace.bench.load.Reread;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** The bench's command line: servers to load, and benchmarks. */
@Command(
        name = "headrace",
        subcommands = {
            Doctor.class,
            Serve.class,
            Scale.class,
            Load.class,
            Merge.class,
            Reread.class,
            Plot.class,
            Compare.class,
            Jmh.class
        },
        synopsisSubcommandLabel = "COMMAND",
        description = "Load and benchmarks, beside raw Netty.")
public final class Bench {
    private static final int COULD_NOT_RUN = 1;
    private static final int USAGE = 2;

    private Bench() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Bench())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExpandAtFiles(false)
                .setParameterExceptionHandler((exception, args) -> fail(exception, USAGE))
                .setExecutionExceptionHandler((exception, command, parsed) -> fail(command, exception, COULD_NOT_RUN));
        line.getSubcommands().get("jmh").setUnmatchedOptionsArePositionalParams(true);
        return line;
    }

    private static int fail(ParameterException exception, int status) {
        return fail(exception.getCommandLine(), exception, status);
    }

    /** One line that says what is wrong. */
    private static int fail(CommandLine command, Exception exception, int status) {
        String message = exception.getMessage() == null ? exception.toString() : exception.getMessage();
        command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + message);
        return status;
    }
}

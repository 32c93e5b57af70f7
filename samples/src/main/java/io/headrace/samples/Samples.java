package io.headrace.samples;

import io.headrace.CannotStartException;
import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The samples' command line. */
@Command(
        name = "headrace",
        subcommands = {
            Greet.class,
            Connect.class,
            Demo.class,
            Echo.class,
            Lines.class,
            Upper.class,
            Chat.class,
            Sink.class,
            StatsdSink.class,
            TimeServer.class
        },
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "TCP, UDP and Unix-domain socket endpoints on Netty event loops: the samples.",
        commandListHeading = "%nSamples:%n",
        footer = {
            "",
            "Load tests (the module bench):",
            "  doctor   Says what this machine grants, and what is in a server's way.",
            "  serve    Serves greetings and echo for a load generator to hit.",
            "  load     Loads a server, any server, and says what came of it.",
            "  merge, report, plot",
            "           Put reports of load together, and show them again.",
            "  compare  Sets servers side by side: what an operation costs each.",
            "  scale    Says what more event loops do for datagrams.",
            "  jmh      Benchmarks the hot path beside raw Netty.",
            "",
            "For who changes Headrace: torture breaks it on purpose, and says what held.",
            "",
            "`./headrace COMMAND --help` tells more. First: ./headrace demo"
        })
public final class Samples implements Runnable {
    private static final int COULD_NOT_RUN = 1;
    private static final int USAGE = 2;

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this.")
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Shows the versions of Headrace, Netty and Java.")
    private boolean version;

    private Samples() {}

    public static void main(String[] args) {
        Console console = Console.standardOutput();
        int status = commandLine(console).execute(args);
        LastWords.say();
        System.exit(status);
    }

    static CommandLine commandLine(Console console) {
        return new CommandLine(new Samples())
                .setOut(console.writer())
                .setExpandAtFiles(false)
                .setParameterExceptionHandler((exception, args) -> misused(exception))
                .setExecutionExceptionHandler((exception, command, parsed) -> failed(exception, command));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command (./headrace --help lists them)");
    }

    private static int misused(ParameterException exception) {
        CommandLine command = exception.getCommandLine();
        String message = exception.getMessage();
        if (exception instanceof UnmatchedArgumentException unmatched) {
            message = "unknown: " + String.join(" ", unmatched.getUnmatched()) + " (./"
                    + command.getCommandSpec().qualifiedName() + " --help lists what there is)";
        }
        command.getErr().println(message);
        return USAGE;
    }

    /** What a user can understand is said in its own words; anything else is a bug, and keeps its stack. */
    private static int failed(Exception exception, CommandLine command) throws Exception {
        if (exception instanceof IllegalArgumentException) {
            command.getErr().println(exception.getMessage());
            return USAGE;
        }
        if (exception instanceof CannotStartException || exception instanceof IOException) {
            command.getErr().println(exception.getMessage());
            return COULD_NOT_RUN;
        }
        throw exception;
    }
}

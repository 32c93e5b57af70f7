package io.headrace.bench;

import io.headrace.Loops;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code headrace serve}: what a load generator is pointed at. */
@Command(
        name = "serve",
        sortOptions = false,
        description = "Serves greetings and echo, on Headrace or on what it is compared with, until it is told to end.",
        footer = {
            "",
            "Example: headrace serve greet=tcp://127.0.0.1:9000 echo=tcp://127.0.0.1:9001 echo=udp://127.0.0.1:9002"
        })
final class Serve implements Callable<Integer> {
    private static final int MOST_LOOPS = 1_024;

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "SERVICE=ADDRESS",
            arity = "1..*",
            description =
                    "greet, echo or discard, on tcp://HOST:PORT, udp://HOST:PORT (not greet) or unix:/PATH. Port 0 takes a free one.")
    private List<String> targets;

    @Option(
            names = "--server",
            paramLabel = "NAME",
            defaultValue = "headrace",
            description = "Who serves: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Contender contender;

    @Option(
            names = "--transport",
            paramLabel = "NAME",
            defaultValue = "auto",
            converter = BackendByName.class,
            description = "auto, nio, epoll, kqueue or io_uring. Default: ${DEFAULT-VALUE}.")
    private Loops.Backend backend;

    @Option(
            names = "--loops",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many event loops all targets share. Default: ${DEFAULT-VALUE}.")
    private int loops;

    @Option(
            names = "--close",
            paramLabel = "HOW",
            description =
                    "With --server netty: a greeting ends abrupt (default) or with linger, reading to the end of the stream.")
    private Serving.GreetingClose close;

    @Option(names = "--bare", description = "With --server headrace: without the default stages.")
    private boolean bare;

    @Option(names = "--metrics", description = "With --server headrace: with meters, in a registry that nobody reads.")
    private boolean metrics;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this.")
    private boolean help;

    /** The backend of this name. */
    static final class BackendByName implements ITypeConverter<Loops.Backend> {
        @Override
        public Loops.Backend convert(String name) {
            if (name.equals("auto")) {
                return Loops.auto().backend();
            }
            return Arrays.stream(Loops.Backend.values())
                    .filter(backend -> backend.toString().equals(name))
                    .findFirst()
                    .orElseThrow(() ->
                            new TypeConversionException(name + " (expected: auto, nio, epoll, kqueue or io_uring)"));
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        requireOptionsThatMatter();
        List<Target> wanted = targets.stream().map(this::target).toList();
        requireBackend();
        Serving.GreetingClose how = close == null ? Serving.GreetingClose.ABRUPT : close;
        Serving serving = contender.start(new Serving.Choices(backend, loops, how, bare, metrics), wanted);
        spec.commandLine().getOut().println(readyLine(serving));
        serving.untilShutdown();
        return 0;
    }

    /** An option that would be ignored is refused: nobody shall measure what they have not asked for. */
    private void requireOptionsThatMatter() {
        if (loops < 1 || loops > MOST_LOOPS) {
            throw usage("--loops: " + loops + " (expected: 1 to " + MOST_LOOPS + ")");
        }
        if (close != null && contender != Contender.NETTY) {
            throw usage("--close: only with --server netty (headrace closes safely by itself)");
        }
        if ((bare || metrics) && contender != Contender.HEADRACE) {
            throw usage((bare ? "--bare" : "--metrics") + ": only with --server headrace");
        }
    }

    private Target target(String text) {
        try {
            return Target.parse(text);
        } catch (IllegalArgumentException bad) {
            throw usage(bad.getMessage());
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private void requireBackend() {
        String obstacle = RawBackend.valueOf(backend.name()).obstacle();
        if (obstacle != null) {
            throw new IllegalStateException("cannot start: " + backend + " is not available here: " + obstacle);
        }
    }

    private String readyLine(Serving serving) {
        String where = serving.targets().stream().map(Target::toString).collect(Collectors.joining(" "));
        return "ready: " + contender + " on " + backend + ", " + loops + (loops == 1 ? " loop: " : " loops: ") + where;
    }
}

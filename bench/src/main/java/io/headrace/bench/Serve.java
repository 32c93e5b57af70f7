package io.headrace.bench;

import io.headrace.Loops;
import io.headrace.bench.load.Scheme;
import io.headrace.bench.netty.RawBackend;
import io.netty.handler.ssl.SslContext;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
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
            description = Target.FORMS + " Port 0 takes a free one.")
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
            description =
                    "auto, the best that who serves has, nio, epoll, kqueue or io_uring. Default: ${DEFAULT-VALUE}.")
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

    @Option(
            names = "--batch",
            description = "With --server netty on epoll: reads datagrams in batches, which is not its default.")
    private boolean batch;

    @Option(names = "--bare", description = "With --server headrace: without the default stages.")
    private boolean bare;

    @Mixin
    private ServerCertificate certificate;

    @Option(names = "--metrics", description = "With --server headrace: with meters, in a registry that nobody reads.")
    private boolean metrics;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this.")
    private boolean help;

    /** The backend of this name; none for auto. */
    static final class BackendByName implements ITypeConverter<Loops.Backend> {
        @Override
        public Loops.Backend convert(String name) {
            if (name.equals("auto")) {
                return null;
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
        requireTlsThatIsServed(wanted);
        requireTargetsForOptions(wanted);
        requireBackend();
        Serving.GreetingClose how = close == null ? Serving.GreetingClose.ABRUPT : close;
        SslContext tls = tls(wanted);
        Serving serving = contender.start(new Serving.Choices(backend, loops, how, batch, bare, metrics, tls), wanted);
        if (tls != null) {
            spec.commandLine().getOut().println("tls: " + certificate.howToTrustIt());
        }
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
            throw usage("--close: only with --server netty (headrace closes safely by itself, the others as they do)");
        }
        boolean epoll = Serving.Choices.orBest(backend) == Loops.Backend.EPOLL;
        if (batch && (contender != Contender.NETTY || !epoll)) {
            throw usage("--batch: only with --server netty on epoll");
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

    private void requireTlsThatIsServed(List<Target> wanted) {
        for (Target target : wanted) {
            if (target.scheme() == Scheme.TLS && !contender.servesTls()) {
                throw usage("target: " + target + " (expected: no tls:// with --server " + contender
                        + ", only with headrace or netty)");
            }
            if (target.scheme() == Scheme.TLS && close == Serving.GreetingClose.LINGER) {
                throw usage("--close linger: not with tls://, where raw Netty closes with close_notify");
            }
        }
    }

    private void requireTargetsForOptions(List<Target> wanted) {
        if (close != null && wanted.stream().noneMatch(target -> target.service() == Target.Service.GREET)) {
            throw usage("--close: only with a target greet=");
        }
        if (batch && wanted.stream().noneMatch(target -> target.scheme().datagrams())) {
            throw usage("--batch: only with a target udp://HOST:PORT");
        }
    }

    private SslContext tls(List<Target> wanted) {
        try {
            return certificate.context(wanted);
        } catch (IllegalArgumentException bad) {
            throw usage(bad.getMessage());
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private void requireBackend() {
        if (backend == null) {
            return;
        }
        String obstacle = RawBackend.valueOf(backend.name()).obstacle();
        if (obstacle != null) {
            throw new IllegalStateException("cannot start: " + backend + " is not available here: " + obstacle);
        }
    }

    private String readyLine(Serving serving) {
        String where = serving.targets().stream().map(Target::toString).collect(Collectors.joining(" "));
        return "ready: " + contender + " (" + serving.version() + ") on " + serving.transport() + ", " + loops
                + (loops == 1 ? " loop" : " loops")
                + (close == Serving.GreetingClose.LINGER ? " --close linger" : "")
                + (batch ? " --batch" : "")
                + (bare ? " --bare" : "")
                + (metrics ? " --metrics" : "")
                + ": " + where;
    }
}

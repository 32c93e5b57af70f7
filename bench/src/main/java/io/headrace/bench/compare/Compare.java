package io.headrace.bench.compare;

import io.headrace.bench.load.SideBySide;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code headrace compare}: servers side by side in alternating rounds, or the reports of runs. */
@Command(
        name = "compare",
        sortOptions = false,
        usageHelpWidth = 124,
        description = {
            "Loads servers in alternating rounds, all of them up at once, each in a process of its own on one core, and says what an",
            "operation costs each of them, as a ratio to the first. Given FILEs that headrace load wrote with --json, sets those side by side."
        },
        footer = {
            "",
            "Exit codes: 0 done, all gates met; 1 could not run, or a server completed nothing; 2 usage; 3 a gate broken;",
            "4 generator limited, with --strict; 130 or 143 interrupted, with what was measured until then reported.",
            "Example: headrace compare netty headrace headrace:io_uring reactor vertx mina c='./server {PORT}'"
        })
public final class Compare implements Callable<Integer> {
    private static final int DONE = 0;
    private static final int INCOMPLETE = 1;
    private static final int GATE_BROKEN = 3;
    private static final int GENERATOR_LIMITED = 4;

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "SERVER|FILE",
            arity = "1..*",
            description =
                    "headrace, netty, reactor, vertx, mina or jdk, as headrace serve has them; after colons a transport, a way to close, batch, bare or metrics, as headrace:io_uring:metrics, netty:linger or netty:batch. Or NAME='COMMAND {PORT}' that says 'ready' and greets on {PORT}, echoes TCP on {PORT+1} and UDP on {PORT+2}. Or reports, as monday.json.")
    private List<String> words;

    @Mixin
    private Course course;

    @Option(
            names = "--slo",
            paramLabel = "GATE",
            split = ",",
            description =
                    "What has to hold of the median ratio of CPU per operation, as echo:headrace<=1.02; may be given more than once.")
    private List<String> slo = List.of();

    @Option(names = "--strict", description = "Ends with 4 when the load generator was the bottleneck in any round.")
    private boolean strict;

    @Mixin
    private ResultFiles files;

    @Option(names = "--quiet", description = "No word on standard error about how far it is.")
    private boolean quiet;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this.")
    private boolean help;

    @Override
    public Integer call() throws IOException {
        if (words.stream().allMatch(word -> word.endsWith(".json") && !word.contains("="))) {
            files.write(spec, SideBySide.read(words.stream().map(Path::of).toList()));
            return DONE;
        }
        List<Entrant> entrants;
        List<RatioGate> gates;
        Cores bound;
        try {
            entrants = entrants();
            gates = slo.stream().map(RatioGate::parse).toList();
            bound = course.cores();
            course.check();
            check(gates, entrants);
        } catch (IllegalArgumentException bad) {
            throw new ParameterException(spec.commandLine(), bad.getMessage());
        }
        files.check();
        String main = spec.root().userObject().getClass().getName();
        try (Starts starts = new Starts(course, entrants, course.start(main, bound), this::live)) {
            Starts.Outcome outcome = starts.run();
            Comparison comparison = new Comparison(
                    about(bound), outcome.said(), course.headings(), outcome.rows(), gates, starts.interrupted());
            files.write(spec, comparison);
            return status(comparison, strict);
        }
    }

    private List<Entrant> entrants() {
        // Whom serve has: it is asked itself, so that there is one list.
        List<String> servers = StreamSupport.stream(
                        serve().findOption("--server").completionCandidates().spliterator(), false)
                .map(name -> name.toLowerCase(Locale.ROOT))
                .toList();
        List<Entrant> entrants = new ArrayList<>();
        for (String word : words) {
            Entrant entrant = Entrant.parse(word, servers);
            long before = entrants.stream()
                    .filter(other -> other.name().replaceFirst("#\\d+$", "").equals(entrant.name()))
                    .count();
            entrants.add(before == 0 ? entrant : entrant.again((int) before + 1));
        }
        return entrants;
    }

    private CommandSpec serve() {
        return spec.parent().subcommands().get("serve").getCommandSpec();
    }

    private void check(List<RatioGate> gates, List<Entrant> entrants) {
        for (RatioGate gate : gates) {
            if (!course.workloads().contains(gate.workload())
                    || entrants.stream().noneMatch(entrant -> entrant.name().equals(gate.server()))) {
                throw new IllegalArgumentException(
                        "--slo: " + gate.text() + " (expected: a workload and a server that take part)");
            }
        }
    }

    private void live(String words) {
        if (!quiet) {
            PrintWriter err = spec.commandLine().getErr();
            err.println(words);
            err.flush();
        }
    }

    private Map<String, Object> about(Cores bound) {
        Map<String, Object> about = new LinkedHashMap<>();
        about.put("command", "headrace compare " + String.join(" ", arguments()));
        about.put("cores", bound.why());
        about.putAll(course.about());
        about.putAll(SideBySide.machine());
        about.remove("flags"); // Of this JVM, which does nothing but wait.
        return about;
    }

    private List<String> arguments() {
        return spec.commandLine().getParseResult().originalArgs().stream()
                .dropWhile(word -> !word.equals("compare"))
                .skip(1)
                .map(word -> word.contains(" ") ? "'" + word + "'" : word)
                .toList();
    }

    static int status(Comparison comparison, boolean strict) {
        if (comparison.incomplete()) {
            return INCOMPLETE;
        }
        if (strict && comparison.limited()) {
            return GENERATOR_LIMITED;
        }
        return comparison.gatesMet() ? DONE : GATE_BROKEN;
    }
}

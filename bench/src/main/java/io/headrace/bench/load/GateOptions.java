package io.headrace.bench.load;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** What has to hold of a report, and so what the command ends with. */
final class GateOptions {
    static final int DONE = 0;
    static final int NOTHING_DONE = 1;
    static final int GATE_BROKEN = 3;
    static final int GENERATOR_LIMITED = 4;

    @Option(
            names = "--slo",
            paramLabel = "GATE",
            split = ",",
            description =
                    "What has to hold, as p99<50ms, service.p99.9<1s, connect.max<1s, errors<0.1%%, unfinished<1%%, lost<1%%, rate>=9990 or, in bytes a second, sent>=50m or received>=50m; may be given more than once.")
    private List<String> slo = new ArrayList<>();

    @Option(names = "--strict", description = "Ends with 4 when this tool was the bottleneck.")
    private boolean strict;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this.")
    private boolean help;

    /** @throws IllegalArgumentException when one of them is none */
    List<String> gates() {
        slo.forEach(Gate::parse);
        return slo;
    }

    boolean strict() {
        return strict;
    }

    /** The exit code. */
    int status(Report report) {
        if (report.nothingDone()) {
            return NOTHING_DONE;
        }
        if (strict && Verdict.of(report).limited()) {
            return GENERATOR_LIMITED;
        }
        return Gate.results(report).stream().allMatch(Gate.Result::met) ? DONE : GATE_BROKEN;
    }
}

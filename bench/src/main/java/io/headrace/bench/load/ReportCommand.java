package io.headrace.bench.load;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the commands on written reports have in common: reports are read, printed, written again and judged. */
@Command(sortOptions = false)
abstract class ReportCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Mixin
    ReportFiles files;

    @Mixin
    FileOptions output;

    @Mixin
    private GateOptions gates;

    /** Prints and writes it, judged by the gates that are given now or else by its own; the exit code. */
    final int finish(Report report) throws IOException {
        Report judged = judged(report);
        output.write(spec, judged);
        return gates.status(judged);
    }

    private Report judged(Report report) {
        List<String> given;
        try {
            given = gates.gates();
        } catch (IllegalArgumentException bad) {
            throw new ParameterException(spec.commandLine(), bad.getMessage());
        }
        if (given.isEmpty()) {
            return report;
        }
        Map<String, Object> about = new LinkedHashMap<>(report.about());
        about.put("slo", given);
        return new Report(
                about,
                report.started(),
                report.measuredNs(),
                report.total(),
                report.intervals(),
                report.pace(),
                report.interrupted());
    }
}

package io.headrace.bench.load;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Judges a report that was written before: by its own gates, or by those that are given now. */
final class Judging {
    private Judging() {}

    static Report by(GateOptions options, CommandSpec spec, Report report) {
        List<String> gates;
        try {
            gates = options.gates();
        } catch (IllegalArgumentException bad) {
            throw new ParameterException(spec.commandLine(), bad.getMessage());
        }
        if (gates.isEmpty()) {
            return report;
        }
        Map<String, Object> about = new LinkedHashMap<>(report.about());
        about.put("slo", gates);
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

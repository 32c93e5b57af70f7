package io.headrace.bench.load;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code headrace report}: a report once more, as text or in other forms. */
@Command(
        name = "report",
        sortOptions = false,
        description =
                "Prints a report that --json wrote, writes it in other forms, and judges it by its gates or by new ones.")
public final class Reread implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ReportFiles files;

    @Mixin
    private FileOptions output;

    @Mixin
    private GateOptions gates;

    @Override
    public Integer call() throws IOException {
        List<Report> reports = files.read();
        if (reports.size() > 1 && output.any()) {
            throw new ParameterException(spec.commandLine(), "--json, --csv, --hlog, --html: only with one FILE");
        }
        int status = 0;
        for (Report report : reports) {
            Report judged = Judging.by(gates, spec, report);
            output.write(spec, judged);
            status = Math.max(status, gates.status(judged));
        }
        return status;
    }
}

package io.headrace.bench.load;

import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** {@code headrace report}: a report once more, as text or in other forms. */
@Command(
        name = "report",
        description =
                "Prints a report that --json wrote, writes it in other forms, and judges it by its gates or by new ones.")
public final class Reread extends ReportCommand {
    @Override
    public Integer call() throws IOException {
        List<Report> reports = files.read();
        if (reports.size() > 1 && output.any()) {
            throw new ParameterException(spec.commandLine(), "--json, --csv, --hlog, --html: only with one FILE");
        }
        int status = GateOptions.DONE;
        for (Report report : reports) {
            status = Math.max(status, finish(report));
        }
        return status;
    }
}

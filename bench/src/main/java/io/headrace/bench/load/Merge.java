package io.headrace.bench.load;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code headrace merge}: shards as one run. */
@Command(
        name = "merge",
        sortOptions = false,
        description =
                "Adds the reports of shards up, bucket by bucket: the percentiles are those of one run, not means.")
public final class Merge implements Callable<Integer> {
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
        Report merged = Judging.by(gates, spec, Report.merge(files.read()));
        output.write(spec, merged);
        return gates.status(merged);
    }
}

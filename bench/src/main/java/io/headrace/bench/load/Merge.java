package io.headrace.bench.load;

import java.io.IOException;
import picocli.CommandLine.Command;

/** {@code headrace merge}: shards as one run. */
@Command(
        name = "merge",
        description =
                "Adds the reports of shards up, bucket by bucket: the percentiles are those of one run, not means.")
public final class Merge extends ReportCommand {
    @Override
    public Integer call() throws IOException {
        return finish(Report.merge(files.read()));
    }
}

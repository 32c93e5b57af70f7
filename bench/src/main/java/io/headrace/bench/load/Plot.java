package io.headrace.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code headrace plot}: reports as a page. */
@Command(
        name = "plot",
        sortOptions = false,
        description =
                "Draws reports that --json wrote, several over each other, into one HTML page that needs no network.")
public final class Plot implements Callable<Integer> {
    @Mixin
    private ReportFiles files;

    @Option(names = "--html", paramLabel = "FILE", required = true, description = "The page.")
    private Path html;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this.")
    private boolean help;

    @Override
    public Integer call() throws IOException {
        List<Report> reports = files.read();
        try {
            Files.writeString(html, ReportPage.of(reports));
        } catch (IOException cannot) {
            throw new IOException("cannot write " + html + ": " + cannot, cannot);
        }
        return 0;
    }
}

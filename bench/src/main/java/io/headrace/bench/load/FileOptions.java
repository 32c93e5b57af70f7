package io.headrace.bench.load;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Where a report goes. */
final class FileOptions {
    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "Writes the whole report as JSON; - is standard output.")
    private String json;

    @Option(names = "--csv", paramLabel = "FILE", description = "Writes one line for each interval.")
    private Path csv;

    @Option(names = "--hlog", paramLabel = "FILE", description = "Writes the intervals as an HdrHistogram log.")
    private Path hlog;

    @Option(names = "--html", paramLabel = "FILE", description = "Writes one page with charts that needs no network.")
    private Path html;

    /** Whether there is a file to write. */
    boolean any() {
        return json != null || csv != null || hlog != null || html != null;
    }

    /** Before the run: nobody shall wait an hour for a file that cannot be written. */
    void check() throws IOException {
        List<Path> files = new ArrayList<>();
        if (json != null && !json.equals("-")) {
            files.add(Path.of(json));
        }
        if (csv != null) {
            files.add(csv);
        }
        if (hlog != null) {
            files.add(hlog);
        }
        if (html != null) {
            files.add(html);
        }
        for (Path file : files) {
            try {
                Files.writeString(file, "");
            } catch (IOException cannot) {
                throw new IOException("cannot write " + file + ": " + cannot, cannot);
            }
        }
    }

    /** Prints the table, and writes the files that were asked for. */
    void write(CommandSpec spec, Report report) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        boolean jsonToOut = "-".equals(json);
        PrintWriter table = jsonToOut ? spec.commandLine().getErr() : out;
        table.println(Table.of(report));
        table.flush();
        if (jsonToOut) {
            out.println(ReportJson.write(report));
            out.flush();
        } else if (json != null) {
            Files.writeString(Path.of(json), ReportJson.write(report) + "\n");
        }
        if (csv != null) {
            Files.writeString(csv, CsvFile.of(report));
        }
        if (hlog != null) {
            Files.writeString(hlog, HistogramFile.of(report));
        }
        if (html != null) {
            Files.writeString(html, ReportPage.of(List.of(report)));
        }
    }
}

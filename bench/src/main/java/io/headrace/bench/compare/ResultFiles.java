package io.headrace.bench.compare;

import io.headrace.bench.load.Json;
import io.headrace.bench.load.SideBySide;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Where a comparison goes. */
final class ResultFiles {
    @Option(names = "--json", paramLabel = "FILE", description = "Writes every round as JSON; - is standard output.")
    private String json;

    @Option(names = "--markdown", paramLabel = "FILE", description = "Writes the tables for a page of documentation.")
    private Path markdown;

    @Option(
            names = "--html",
            paramLabel = "FILE",
            description = "Writes one page with charts that needs no network; of FILEs the one that plot draws.")
    private Path html;

    /** Before the run: nobody shall wait an hour for a file that cannot be written. */
    void check() throws IOException {
        Path jsonFile = json == null || json.equals("-") ? null : Path.of(json);
        for (Path file :
                Stream.of(jsonFile, markdown, html).filter(Objects::nonNull).toList()) {
            try {
                Files.writeString(file, "");
            } catch (IOException cannot) {
                throw new IOException("cannot write " + file + ": " + cannot, cannot);
            }
        }
    }

    /** Prints the table of files, and writes their page where one was asked for. */
    void write(CommandSpec spec, SideBySide reports) throws IOException {
        if (json != null || markdown != null) {
            throw new ParameterException(spec.commandLine(), "--json, --markdown: only with servers, not with FILEs");
        }
        check();
        spec.commandLine().getOut().println(reports.text());
        if (html != null) {
            Files.writeString(html, reports.page());
        }
    }

    /** Prints the tables, and writes the files that were asked for. */
    void write(CommandSpec spec, Comparison comparison) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        boolean jsonToOut = "-".equals(json);
        PrintWriter table = jsonToOut ? spec.commandLine().getErr() : out;
        table.print(comparison.text());
        table.flush();
        if (jsonToOut) {
            out.println(Json.write(comparison.json()));
            out.flush();
        } else if (json != null) {
            Files.writeString(Path.of(json), Json.write(comparison.json()) + "\n");
        }
        if (markdown != null) {
            Files.writeString(markdown, comparison.markdown());
        }
        if (html != null) {
            Files.writeString(html, comparison.page());
        }
    }
}

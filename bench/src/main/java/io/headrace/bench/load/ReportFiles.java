package io.headrace.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Parameters;

/** Reports that were written with {@code --json}, as arguments. */
final class ReportFiles {
    @Parameters(paramLabel = "FILE", arity = "1..*", description = "Reports, as --json writes them.")
    private List<Path> files;

    List<Path> names() {
        return files;
    }

    /** @throws IOException saying which file could not be read, and why */
    List<Report> read() throws IOException {
        return read(files);
    }

    /** @throws IOException saying which file could not be read, and why */
    static List<Report> read(List<Path> files) throws IOException {
        List<Report> reports = new ArrayList<>();
        for (Path file : files) {
            try {
                reports.add(ReportJson.read(Files.readString(file).trim()));
            } catch (NoSuchFileException missing) {
                throw new IOException("cannot read " + file + ": no such file", missing);
            } catch (IOException | IllegalArgumentException bad) {
                throw new IOException("cannot read " + file + ": " + bad.getMessage(), bad);
            }
        }
        return reports;
    }
}

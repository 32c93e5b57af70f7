package io.headrace.bench.load;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/** What the command said, run in this JVM. */
record Loading(int status, String out, String err) {

    /** @param words of the command line after {@code load}, and its target */
    static Loading of(String words, Object... targets) {
        List<String> args = new ArrayList<>(List.of(words.split(" ")));
        for (Object target : targets) {
            args.add(target.toString());
        }
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = new CommandLine(new Load())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(args.toArray(String[]::new));
        return new Loading(status, out.toString(), err.toString());
    }

    /** The report of a short run without a warm-up. */
    static Report report(String words, Object... targets) {
        return of(words + " --warmup 0s --quiet --json -", targets).report();
    }

    /** What {@code --json -} wrote. */
    Report report() {
        if (out.isEmpty()) {
            throw new AssertionError("no report: " + this);
        }
        return ReportJson.read(out.trim());
    }
}

package io.headrace.bench.load;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine;

/** What the command said, run in this JVM. */
record Loading(int status, String out, String err) {
    private static final Pattern DURATION = Pattern.compile("-d (\\d+)");
    private static final int HANDFUL = 6;
    private static final int MOST_TIMES = 16;

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

    /** The report of a short run without a warm-up. A machine that was too busy for a handful of answers has more time, and then still more. */
    static Report report(String words, Object... targets) {
        Report report = reportOfOne(words, targets);
        boolean answers = !words.startsWith("bulk");
        for (int times = 4; answers && times <= MOST_TIMES && starved(report); times *= 4) {
            report = reportOfOne(longer(words, times), targets);
        }
        return report;
    }

    private static Report reportOfOne(String words, Object... targets) {
        return of(words + " --warmup 0s --quiet --json -", targets).report();
    }

    private static boolean starved(Report report) {
        return report.total().errors().isEmpty() && report.total().count(Count.ANSWERED) < HANDFUL;
    }

    private static String longer(String words, int times) {
        return DURATION.matcher(words).replaceFirst(found -> "-d " + times * Integer.parseInt(found.group(1)));
    }

    /** What {@code --json -} wrote. */
    Report report() {
        if (out.isEmpty()) {
            throw new AssertionError("no report: " + this);
        }
        return ReportJson.read(out.trim());
    }
}

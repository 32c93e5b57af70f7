package io.headrace.bench.load;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.TypeConversionException;

/**
 * Something that has to hold of a report: {@code p99<50ms}, {@code service.p99.9<=1s}, {@code max<2s}, {@code errors<0.1%},
 * {@code rate>=9990}.
 *
 * <p>Percentiles of the response are of all requests: one that got no answer counts with its age, or a server could mend its
 * percentiles by not answering. Those of connecting are of all that were not refused, for the same reason.
 */
record Gate(String text, String what, String than, double bound, Unit unit) {

    private enum Unit {
        NANOSECONDS,
        PER_SECOND,
        SHARE,
        COUNT
    }

    /** @param value as people read it */
    record Result(Gate gate, String value, boolean met) {
        Map<String, Object> json() {
            return ReportJson.ordered("gate", gate.text, "value", value, "met", met);
        }
    }

    private static final Pattern FORM = Pattern.compile(
            "((?:(?:response|service|connect)\\.)?(?:p[0-9]{1,2}(?:\\.[0-9]{1,4})?|mean|max)|rate|sent|received|errors|unfinished|lost)(<=|>=|<|>)(.+)");
    private static final String EXPECTED = "as p99<50ms, service.p99.9<1s, connect.max<1s, errors<0.1%, errors<=5, "
            + "unfinished<1%, lost<1%, rate>=9990, sent>=50m or received>=50m";
    private static final double PERCENT = 100;

    /** @throws IllegalArgumentException saying what was expected instead */
    static Gate parse(String text) {
        Matcher form = FORM.matcher(text.replace(" ", ""));
        if (!form.matches()) {
            throw bad(text);
        }
        String what = form.group(1);
        String bound = form.group(3);
        try {
            if (List.of("rate", "sent", "received").contains(what)) {
                return new Gate(text, what, form.group(2), Units.rate(bound), Unit.PER_SECOND);
            }
            if (List.of("errors", "unfinished", "lost").contains(what)) {
                return bound.endsWith("%")
                        ? new Gate(
                                text,
                                what,
                                form.group(2),
                                Double.parseDouble(bound.substring(0, bound.length() - 1)) / PERCENT,
                                Unit.SHARE)
                        : new Gate(text, what, form.group(2), Double.parseDouble(bound), Unit.COUNT);
            }
            return new Gate(text, what, form.group(2), Units.nanos(bound), Unit.NANOSECONDS);
        } catch (NumberFormatException | TypeConversionException noNumber) {
            throw bad(text);
        }
    }

    private static IllegalArgumentException bad(String text) {
        return new IllegalArgumentException("--slo: " + text + " (expected: " + EXPECTED + ")");
    }

    /** Whether it is a bound on a time that no request, and no connection, is waited for. */
    boolean isBeyond(long patienceNs) {
        return unit == Unit.NANOSECONDS && bound > patienceNs;
    }

    static List<Result> results(Report report) {
        return report.gates().stream().map(text -> parse(text).of(report)).toList();
    }

    Result of(Report report) {
        double value = value(report);
        boolean met = switch (than) {
            case "<" -> value < bound;
            case "<=" -> value <= bound;
            case ">" -> value > bound;
            default -> value >= bound;
        };
        String said = switch (unit) {
            case NANOSECONDS -> Double.isNaN(value) ? "unknown: nothing was timed" : Units.time(value);
            case PER_SECOND -> Units.perSecond(value);
            case SHARE -> String.format(Locale.ROOT, "%.4g %%", value * PERCENT);
            case COUNT -> Units.number((long) value);
        };
        return new Result(this, said, met);
    }

    private double value(Report report) {
        Slice total = report.total();
        long asked = Math.max(1, total.count(Count.SENT) + total.count(Count.UNSENT));
        return switch (what) {
            case "sent" -> report.perSecond(Count.BYTES_SENT);
            case "received" -> report.perSecond(Count.BYTES_RECEIVED);
            case "rate" -> report.perSecond(Count.ANSWERED);
            case "errors" -> unit == Unit.SHARE ? (double) total.allErrors() / asked : total.allErrors();
            case "lost" -> (double) total.count(Count.LOST) / (unit == Unit.SHARE ? asked : 1);
            case "unfinished" -> (double) total.count(Count.UNFINISHED) / (unit == Unit.SHARE ? asked : 1);
            default -> timing(report);
        };
    }

    /** Not a number, which keeps no gate, where there is nothing to take it of. */
    private double timing(Report report) {
        int dot = what.matches("[a-z]+\\..*") ? what.indexOf('.') : -1;
        Histogram histogram = switch (dot < 0 ? "response" : what.substring(0, dot)) {
            case "service" -> report.total().histogram(report.openLoop() ? Timing.SERVICE : Timing.RESPONSE);
            case "connect" -> report.total().everyConnection();
            default -> report.total().everyRequest();
        };
        if (histogram.getTotalCount() == 0) {
            return Double.NaN;
        }
        return switch (what.substring(dot + 1)) {
            case "mean" -> histogram.getMean();
            case "max" -> histogram.getMaxValue();
            default -> histogram.getValueAtPercentile(Double.parseDouble(what.substring(dot + 2)));
        };
    }
}

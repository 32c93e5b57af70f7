package io.headrace.bench.load;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Times, sizes and rates as people write and read them. */
public final class Units {
    private static final Pattern NUMBER = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)([a-zA-Z]*)");
    private static final long US = 1_000;
    private static final long MS = 1_000_000;
    private static final long S = 1_000_000_000;
    private static final int K = 1_024;

    private Units() {}

    // ---- Reading
    // -----------------------------------------------------------------------------------------------------

    /** {@code 10s}, {@code 250ms}, {@code 2m}; without a unit seconds. */
    public static final class Time implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            return Duration.ofNanos(nanos(text));
        }
    }

    /** {@code 64}, {@code 4k}, {@code 1m}: bytes, by 1,024. */
    public static final class Size implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            Matcher number = matched(text, "bytes, as 64, 4k or 1m");
            double factor = switch (number.group(2).toLowerCase(Locale.ROOT)) {
                case "" -> 1;
                case "k" -> K;
                case "m" -> K * K;
                default -> throw bad(text, "bytes, as 64, 4k or 1m");
            };
            double bytes = Double.parseDouble(number.group(1)) * factor;
            if (bytes > K * K * K) {
                throw bad(text, "at most 1024m");
            }
            return (int) bytes;
        }
    }

    static long nanos(String text) {
        String expected = "a time, as 10s, 250ms, 100us or 2m";
        Matcher number = matched(text, expected);
        long factor = switch (number.group(2)) {
            case "ns" -> 1;
            case "us" -> US;
            case "ms" -> MS;
            case "", "s" -> S;
            case "m" -> 60 * S;
            case "h" -> 3_600 * S;
            default -> throw bad(text, expected);
        };
        return Math.round(Double.parseDouble(number.group(1)) * factor);
    }

    /** {@code 1000}, {@code 10k}, {@code 0.5m}: by 1,000, a second. */
    static double rate(String text) {
        String expected = "a rate per second, as 1000 or 10k, or a ramp, as 100:10k";
        Matcher number = matched(text, expected);
        double factor = switch (number.group(2).toLowerCase(Locale.ROOT)) {
            case "" -> 1;
            case "k" -> US;
            case "m" -> MS;
            default -> throw bad(text, expected);
        };
        return Double.parseDouble(number.group(1)) * factor;
    }

    private static Matcher matched(String text, String expected) {
        Matcher number = NUMBER.matcher(text);
        if (!number.matches()) {
            throw bad(text, expected);
        }
        return number;
    }

    private static TypeConversionException bad(String text, String expected) {
        return new TypeConversionException(text + " (expected: " + expected + ")");
    }

    // ---- Writing
    // -----------------------------------------------------------------------------------------------------

    /** Three digits and a unit: {@code 61.2 us}, {@code 1.25 ms}, {@code 12.3 s}. */
    public static String time(double ns) {
        if (ns == 0) {
            return "0 s";
        }
        if (ns < MS) {
            return digits(ns / US) + " us";
        }
        return ns < S ? digits(ns / MS) + " ms" : digits(ns / S) + " s";
    }

    /** {@code 21.0 us [20.1-22.3]}: all in the unit of the first. */
    public static String time(double ns, double low, double high) {
        String first = time(ns);
        double unit = first.endsWith(" us") ? US : first.endsWith(" ms") ? MS : S;
        return first + " [" + digits(low / unit) + "-" + digits(high / unit) + "]";
    }

    private static String digits(double value) {
        String form = value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%,.0f";
        return String.format(Locale.ROOT, form, value);
    }

    static String bytes(double bytes) {
        if (bytes < K) {
            return String.format(Locale.ROOT, "%,.0f B", bytes);
        }
        return bytes < (double) K * K
                ? digits(bytes / K) + " KiB"
                : bytes < (double) K * K * K ? digits(bytes / K / K) + " MiB" : digits(bytes / K / K / K) + " GiB";
    }

    /** Per second, with as many digits as it is worth. */
    static String perSecond(double rate) {
        return String.format(Locale.ROOT, rate < 1_000 ? "%.1f" : "%,.0f", rate) + "/s";
    }

    /** As {@link #rate} reads it again. */
    static String plain(double rate) {
        return rate == Math.rint(rate) ? Long.toString((long) rate) : String.format(Locale.ROOT, "%.3f", rate);
    }

    public static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** {@code 50}, {@code 99.9}. */
    static String percentile(double percentile) {
        return percentile == Math.rint(percentile) ? Long.toString((long) percentile) : Double.toString(percentile);
    }
}

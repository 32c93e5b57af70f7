package io.headrace.samples;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sums of samples by name: {@code requests:3|c} counts, {@code queue:7|g} sets a value and {@code queue:+2|g} or {@code queue:-2|g} changes
 * it, {@code lookup:12|ms} is a time. Any thread.
 */
final class StatsdTotals {
    private static final Pattern SAMPLE =
            Pattern.compile("([\\w.-]{1,128}):([+-]?\\d{1,15}(?:\\.\\d{1,9})?)\\|(c|g|ms)(?:\\|@(0?\\.\\d{1,9}|1))?");
    /** Names come from anybody, so there are not more than so many. */
    private static final int MOST_NAMES = 10_000;

    private final Map<String, Total> totals = new TreeMap<>();
    private final Map<String, Double> gauges = new Gauges();
    private long others;

    /** What each gauge was last, for those who change it; who was heard of least recently is forgotten. */
    private static final class Gauges extends LinkedHashMap<String, Double> {
        private static final long serialVersionUID = 1L;

        Gauges() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Double> eldest) {
            return size() > MOST_NAMES;
        }
    }

    private static final class Total {
        private final String type;
        private double sum;
        private double newest;
        private long samples;

        Total(String type) {
            this.type = type;
        }

        @Override
        public String toString() {
            return switch (type) {
                case "c" -> number(sum);
                case "g" -> number(newest);
                default -> number(sum / samples) + " ms on average of " + samples;
            };
        }

        private static String number(double value) {
            return value == Math.rint(value) ? String.valueOf((long) value) : String.format(Locale.ROOT, "%.3f", value);
        }
    }

    /** Adds the samples of one datagram. */
    synchronized void add(String datagram) {
        datagram.lines().forEach(this::addLine);
    }

    private void addLine(String line) {
        Matcher parts = SAMPLE.matcher(line);
        if (!parts.matches()) {
            others++;
            return;
        }
        String key = parts.group(1) + " (" + parts.group(3) + ")";
        Total total = totals.get(key);
        if (total == null) {
            if (totals.size() == MOST_NAMES) {
                others++;
                return;
            }
            total = new Total(parts.group(3));
            totals.put(key, total);
        }
        double value = Double.parseDouble(parts.group(2));
        double rate = parts.group(4) == null ? 1 : Double.parseDouble(parts.group(4));
        total.sum += total.type.equals("c") && rate > 0
                ? value / rate
                : value; // One of several was sent: it stands for all.
        if (total.type.equals("g")) {
            total.newest = gauge(parts.group(1), parts.group(2), value);
        }
        total.samples++;
    }

    /** Its value after this sample: with a sign it is a change, from 0 where nothing was set. */
    private double gauge(String name, String text, double value) {
        boolean change = text.startsWith("+") || text.startsWith("-");
        return gauges.merge(name, value, (before, sample) -> change ? before + sample : sample);
    }

    /** What has come since the last call, a line for each name; then it starts from nothing, but for the values of gauges. */
    synchronized List<String> take() {
        List<String> lines = new ArrayList<>();
        totals.forEach((name, total) -> lines.add(name + ": " + total));
        if (others > 0) {
            lines.add(others + " line(s) were no samples, or of more than " + MOST_NAMES + " names");
        }
        totals.clear();
        others = 0;
        return lines;
    }
}

package io.headrace.bench.compare;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Something that has to hold: {@code echo:headrace<=1.02}, the median ratio of processor time per operation to the first server. */
record RatioGate(String text, Workload workload, String server, boolean orEqual, double bound) {
    private static final Pattern FORM = Pattern.compile("(greet|echo|pipe|udp):([^<]+)(<=?)([0-9]+(?:\\.[0-9]+)?)");

    /** @throws IllegalArgumentException saying what was expected instead */
    static RatioGate parse(String text) {
        Matcher form = FORM.matcher(text.strip());
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "--slo: " + text + " (expected: WORKLOAD:SERVER<=RATIO, as echo:headrace<=1.02)");
        }
        return new RatioGate(
                text,
                Workload.valueOf(form.group(1).toUpperCase(Locale.ROOT)),
                form.group(2),
                form.group(3).equals("<="),
                Double.parseDouble(form.group(4)));
    }

    boolean met(Comparison comparison) {
        double ratio = ratio(comparison);
        return orEqual ? ratio <= bound : ratio < bound;
    }

    /** For {@link io.headrace.bench.load.Json}. */
    Map<String, Object> json(Comparison comparison) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("gate", text);
        json.put("workload", workload.toString());
        json.put("server", server);
        json.put("bound", bound);
        json.put("met", met(comparison));
        json.put("value", ratio(comparison));
        return json;
    }

    /** NaN, which meets nothing, where there is none. */
    double ratio(Comparison comparison) {
        Row row = comparison.row(workload, server);
        return row == null ? Double.NaN : row.cpuRatio().median();
    }
}

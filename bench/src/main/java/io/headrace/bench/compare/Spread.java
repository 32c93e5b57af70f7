package io.headrace.bench.compare;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The median of some numbers, and their quartiles; NaN where there are none. */
record Spread(double low, double median, double high) {
    private static final double QUARTER = 0.25;
    private static final double HALF = 0.5;

    static Spread of(List<Double> numbers) {
        double[] sorted = numbers.stream()
                .mapToDouble(Double::doubleValue)
                .filter(Double::isFinite)
                .sorted()
                .toArray();
        return new Spread(at(sorted, QUARTER), at(sorted, HALF), at(sorted, 1 - QUARTER));
    }

    /** Between two neighbours in proportion. */
    private static double at(double[] sorted, double share) {
        if (sorted.length == 0) {
            return Double.NaN;
        }
        double place = share * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("low", low);
        json.put("median", median);
        json.put("high", high);
        return json;
    }

    /** {@code 0.97 [0.96-0.99]}. */
    @Override
    public String toString() {
        return Double.isNaN(median) ? "-" : String.format(Locale.ROOT, "%.3f [%.3f-%.3f]", median, low, high);
    }
}

package io.headrace.bench.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/**
 * One server under one workload, all rounds.
 *
 * @param samples one for each round
 * @param first those of the server that ratios are to, round by round
 */
record Row(String name, List<Sample> samples, List<Sample> first) {
    private static final int DIGITS = 3;

    /** Processor time of the server per operation, in nanoseconds. */
    Spread cpu() {
        return Spread.of(completed().stream().map(Sample::cpuPerOperation).toList());
    }

    /** Operations a second. */
    Spread rate() {
        return Spread.of(completed().stream().map(Sample::perSecond).toList());
    }

    Spread cpuRatio() {
        return ratio(Sample::cpuPerOperation);
    }

    Spread rateRatio() {
        return ratio(Sample::perSecond);
    }

    /** Made within each round, for machines drift. */
    private Spread ratio(ToDoubleFunction<Sample> figure) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < Math.min(samples.size(), first.size()); i++) {
            if (samples.get(i).completed() && first.get(i).completed()) {
                ratios.add(figure.applyAsDouble(samples.get(i)) / figure.applyAsDouble(first.get(i)));
            }
        }
        return Spread.of(ratios);
    }

    private List<Sample> completed() {
        return samples.stream().filter(Sample::completed).toList();
    }

    /** What this percentile of the responses, in nanoseconds, was in each of the rounds. */
    Spread percentile(double percentile) {
        return Spread.of(completed().stream()
                .map(sample -> (double) sample.responses().getValueAtPercentile(percentile))
                .toList());
    }

    /** Of all rounds, added up bucket by bucket. */
    Histogram responses() {
        Histogram all = new Histogram(DIGITS);
        samples.forEach(sample -> all.add(sample.responses()));
        return all;
    }

    long errors() {
        return samples.stream().mapToLong(Sample::errors).sum();
    }

    double busy() {
        return Spread.of(completed().stream().map(Sample::busy).toList()).median();
    }

    long limited() {
        return samples.stream().filter(Sample::limited).count();
    }

    /** Rounds in which nothing was answered. */
    long failedRounds() {
        return samples.size() - completed().size();
    }

    /** Why there is no figure, or null where there is one. */
    String failure() {
        return samples.isEmpty()
                ? "no round was made"
                : completed().isEmpty() ? samples.get(0).failure() : null;
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("server", name);
        json.put("cpu_ns_per_operation", cpu().json());
        json.put("cpu_ratio", cpuRatio().json());
        json.put("per_s", rate().json());
        json.put("per_s_ratio", rateRatio().json());
        Histogram responses = responses();
        json.put("p50_ns", responses.getValueAtPercentile(50));
        json.put("p90_ns", responses.getValueAtPercentile(90));
        json.put("p99_ns", responses.getValueAtPercentile(99));
        json.put("p99.9_ns", responses.getValueAtPercentile(99.9));
        json.put("errors", errors());
        json.put("generator_busy", busy());
        json.put("failure", failure());
        json.put("rounds", samples.stream().map(Sample::json).toList());
        return json;
    }
}

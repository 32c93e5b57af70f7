package io.headrace.bench.compare;

import io.headrace.bench.load.Json;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/**
 * What one server did in one round.
 *
 * @param answered operations, all of them right
 * @param measuredNs how long it was loaded
 * @param cpuNs what its process used of the processors meanwhile; NaN where the system does not tell
 * @param responses of all operations, in nanoseconds
 * @param errors of all kinds
 * @param busy the share of a core that the load generator's busiest loop used
 * @param limited whether the generator was the bottleneck
 * @param failure why there is nothing, or null
 */
record Sample(
        long answered,
        long measuredNs,
        double cpuNs,
        Histogram responses,
        long errors,
        double busy,
        boolean limited,
        String failure) {
    private static final int DIGITS = 3;
    private static final int P50 = 50;
    private static final int P99 = 99;

    static Sample failed(String why) {
        return new Sample(0, 0, Double.NaN, new Histogram(DIGITS), 0, 0, false, why);
    }

    /** @param report as {@code headrace load --json} writes it */
    static Sample of(Map<String, Object> report) {
        if (report.containsKey("error")) {
            return failed(String.valueOf(report.get("error")));
        }
        Map<String, Object> total = map(report.get("total"));
        long errors = 0;
        String first = "nothing was answered";
        for (Object each : (List<?>) total.get("errors")) {
            errors += number(map(each).get("count")).longValue();
            first = map(each).get("kind") + ": " + map(each).get("sample");
        }
        long answered = number(map(total.get("counts")).get("answered")).longValue();
        Object used = map(report.get("about")).get("server_cpu");
        return new Sample(
                answered,
                number(report.get("measured_ns")).longValue(),
                used == null ? Double.NaN : number(map(used).get("ns")).doubleValue(),
                responses(map(total.get("histograms")).get("response")),
                errors,
                number(map(report.get("pace")).get("busy")).doubleValue(),
                !((List<?>) report.get("generator_limited")).isEmpty(),
                answered == 0 ? first : null);
    }

    private static Histogram responses(Object json) {
        if (json == null) {
            return new Histogram(DIGITS);
        }
        try {
            byte[] bytes = Base64.getDecoder().decode((String) map(json).get("hdr"));
            return Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(bytes), 1);
        } catch (DataFormatException broken) {
            throw new IllegalStateException("no histogram: " + broken.getMessage(), broken);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object json) {
        return (Map<String, Object>) json;
    }

    private static Number number(Object json) {
        return (Number) json;
    }

    boolean completed() {
        return failure == null;
    }

    double cpuPerOperation() {
        return cpuNs / answered;
    }

    double perSecond() {
        return answered * 1e9 / measuredNs;
    }

    /** For {@link Json}. */
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("answered", answered);
        json.put("measured_ns", measuredNs);
        json.put("cpu_ns", cpuNs);
        json.put("cpu_ns_per_operation", cpuPerOperation());
        json.put("per_s", perSecond());
        json.put("p50_ns", responses.getValueAtPercentile(P50));
        json.put("p99_ns", responses.getValueAtPercentile(P99));
        json.put("errors", errors);
        json.put("generator_busy", busy);
        json.put("generator_limited", limited);
        json.put("failure", failure);
        return json;
    }
}

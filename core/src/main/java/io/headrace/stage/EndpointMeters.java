package io.headrace.stage;

import io.headrace.Meter;
import io.headrace.Site;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * Meters of one endpoint in a registry, from its start to its stop.
 *
 * <p>A registry refers to what it reads weakly, and silently keeps the first of two meters with the same tags: so the counts are held
 * here, the endpoint holds this, and the name is asked for first.
 */
final class EndpointMeters implements AutoCloseable {
    private static final String ENDPOINT = "endpoint";
    private static final String TRANSPORT = "network.transport";

    private final MeterRegistry registry;
    private final String endpoint;
    private final Tags tags;
    private final Counts counts;
    private final List<io.micrometer.core.instrument.Meter> registered = new ArrayList<>();

    private EndpointMeters(MeterRegistry registry, Site site, Counts counts) {
        this.registry = registry;
        this.endpoint = site.endpoint();
        this.tags = Tags.of(ENDPOINT, endpoint, TRANSPORT, site.transport());
        this.counts = counts;
    }

    /** None yet; those that it gets are removed when the endpoint stops, or fails to start. */
    static EndpointMeters open(MeterRegistry registry, Site site, Counts counts) {
        EndpointMeters meters = new EndpointMeters(registry, site, counts);
        site.onStop(meters);
        return meters;
    }

    void requireUniqueEndpoint() {
        for (Meter meter : Meter.values()) {
            if (registry.find(meter.id()).tag(ENDPOINT, endpoint).meter() != null) {
                throw new IllegalStateException(
                        "endpoint '" + endpoint + "': already in the registry (expected: unique)");
            }
        }
    }

    void gauge(Meter meter, ToDoubleFunction<Counts> value) {
        registered.add(Gauge.builder(meter.id(), counts, value)
                .description(meter.description())
                .baseUnit(meter.unit())
                .tags(tags)
                .register(registry));
    }

    void counter(Meter meter, ToDoubleFunction<Counts> count) {
        counter(meter, tags, count);
    }

    void counter(Meter meter, String tag, ToDoubleFunction<Counts> count) {
        counter(meter, tags.and(meter.tagKey(), tag), count);
    }

    private void counter(Meter meter, Tags all, ToDoubleFunction<Counts> count) {
        registered.add(FunctionCounter.builder(meter.id(), counts, count)
                .description(meter.description())
                .baseUnit(meter.unit())
                .tags(all)
                .register(registry));
    }

    void timer(Meter meter, ToLongFunction<Counts> count, ToDoubleFunction<Counts> totalNs) {
        timer(meter, tags, count, totalNs);
    }

    void timer(Meter meter, String tag, ToLongFunction<Counts> count, ToDoubleFunction<Counts> totalNs) {
        timer(meter, tags.and(meter.tagKey(), tag), count, totalNs);
    }

    private void timer(Meter meter, Tags all, ToLongFunction<Counts> count, ToDoubleFunction<Counts> totalNs) {
        registered.add(FunctionTimer.builder(meter.id(), counts, count, totalNs, TimeUnit.NANOSECONDS)
                .description(meter.description())
                .tags(all)
                .register(registry));
    }

    @Override
    public void close() {
        registered.forEach(registry::remove);
        registered.clear();
    }

    @Override
    public String toString() {
        return "meters";
    }
}

package io.headrace.stage;

import io.headrace.Stage;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;

/**
 * Counts an endpoint's connections, bytes, datagrams and messages in a Micrometer registry: METRICS.md lists the meters.
 *
 * <p>The meters appear when the server starts and are removed when it stops. Event loops only add to plain fields of their own;
 * whoever reads a meter adds up the loops. An endpoint without this stage pays nothing.
 */
public final class Metrics {

    private Metrics() {}

    /** Into this registry, under the endpoint's name; starting fails when the registry has a running endpoint of that name. */
    public static Stage<Channel> to(MeterRegistry registry) {
        if (registry == null) {
            throw new IllegalArgumentException("registry: null (expected: a MeterRegistry)");
        }
        return Stage.group(Metrics.class, new TrafficMeters(registry), new ExchangeMeters(registry));
    }
}

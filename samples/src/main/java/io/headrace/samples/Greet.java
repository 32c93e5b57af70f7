package io.headrace.samples;

import io.headrace.Endpoint;
import io.headrace.stage.Metrics;
import io.headrace.tcp.StreamSetup;
import io.headrace.tcp.Tcp;
import io.headrace.tcp.TcpOptions;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The document's server: says who connected, thanks them, closes. */
@Command(
        name = "greet",
        sortOptions = false,
        description = "The document's server: thanks whoever connects, and closes.",
        footer = {
            "",
            "Without --host it listens on 127.0.0.1, and on the loopback address that this",
            "machine's name resolves to, where that is another one."
        })
final class Greet implements Callable<Integer> {
    @Mixin
    private final Listen listen = new Listen(12_345);

    @Option(
            names = "--metrics-port",
            paramLabel = "PORT",
            converter = Port.class,
            description = "Serves a page for Prometheus on http://127.0.0.1:PORT/metrics. Default: none.")
    private Integer metricsPort;

    // tag::server[]
    static Endpoint endpoint(StreamSetup<TcpOptions, ByteBuf, Object> at, Consumer<String> print) {
        return at.named("greeting").onConnect(connection -> {
            print.accept("Got connection from " + PythonAddress.of(connection.address()));
            connection.sendAndClose("Thank you for connecting");
        });
    }
    // end::server[]

    @Override
    public Integer call() {
        StreamSetup<TcpOptions, ByteBuf, Object> at = listen.hasHost()
                ? listen.tcp()
                : Tcp.listen(Loopback.addresses(listen.port())).loops(listen.loops());
        Printer printer = listen.printer();
        if (metricsPort == null) {
            return listen.serve(endpoint(at, printer::line), "./headrace connect HOST PORT", "nc HOST PORT");
        }
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        return listen.serve(
                List.of(
                        endpoint(at.with(Metrics.to(registry)), printer::line),
                        MetricsPage.endpoint(Tcp.listen(metricsPort), registry)),
                "./headrace connect HOST PORT",
                "nc HOST PORT",
                "curl http://METRICS/metrics");
    }
}

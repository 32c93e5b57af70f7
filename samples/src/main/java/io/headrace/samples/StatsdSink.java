package io.headrace.samples;

import io.headrace.Codec;
import io.headrace.Endpoint;
import io.headrace.udp.UdpSetup;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Metrics as StatsD sends them, added up: one or several lines in a datagram, never answered. */
@Command(
        name = "statsd",
        sortOptions = false,
        description = "UDP: adds up what StatsD clients send, and shows the sums every few seconds.")
final class StatsdSink implements Callable<Integer> {

    @Option(
            names = "--every",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "How often the sums are shown. Default: 10.")
    private int everySeconds;

    @Mixin
    private final Listen listen = new Listen(8_125);

    static Endpoint endpoint(UdpSetup<ByteBuf, Object> at, StatsdTotals totals) {
        return at.named("statsd").codec(Codec.utf8()).consume(totals::add);
    }

    @Override
    public Integer call() {
        if (everySeconds < 1) {
            throw new IllegalArgumentException("--every: " + everySeconds + " (expected: >= 1)");
        }
        StatsdTotals totals = new StatsdTotals();
        Printer printer = listen.printer();
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        timer.scheduleAtFixedRate(
                () -> totals.take().forEach(printer::line), everySeconds, everySeconds, TimeUnit.SECONDS);
        try {
            return listen.serve(endpoint(listen.udp(), totals), "printf 'requests:3|c' | nc -u -w1 HOST PORT");
        } finally {
            timer.shutdownNow();
        }
    }
}

package io.headrace.bench.load;

import io.headrace.bench.netty.RawBackend;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options that all modes have: how many connections from where, how long. */
final class LoadOptions {
    private static final int MOST_CONNECTIONS = 10_000_000;
    private static final Duration WARM_UP = Duration.ofSeconds(2);
    private static final int MOST_THREADS = 1_024;
    private static final Duration LEAST_INTERVAL = Duration.ofMillis(10);

    @Option(
            names = {"-c", "--connections"},
            paramLabel = "N",
            defaultValue = "10",
            description = "Connections, of all shards together. Default: ${DEFAULT-VALUE}.")
    private int connections;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            defaultValue = "1",
            description = "Event loops that they share. Default: ${DEFAULT-VALUE}.")
    private int threads;

    @Option(
            names = {"-d", "--duration"},
            paramLabel = "TIME",
            defaultValue = "10s",
            converter = Units.Time.class,
            description = "How long to measure, as 10s or 2m. Default: ${DEFAULT-VALUE}.")
    private Duration duration;

    @Option(
            names = "--warmup",
            paramLabel = "TIME",
            converter = Units.Time.class,
            description = "Load before that which is in no total. Default: 2s; in mode soak there is none.")
    private Duration warmupOrDefault;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = Units.Time.class,
            description = "Patience with connecting, and with each answer. Default: 10s; in mode udp 1s.")
    private Duration timeout;

    @Option(
            names = "--interval",
            paramLabel = "TIME",
            defaultValue = "1s",
            converter = Units.Time.class,
            description = "How often to say how it goes. Default: ${DEFAULT-VALUE}.")
    private Duration interval;

    @Option(
            names = "--transport",
            paramLabel = "NAME",
            defaultValue = "auto",
            converter = BackendByName.class,
            description = "auto, nio, epoll, io_uring or kqueue. Default: ${DEFAULT-VALUE}.")
    private RawBackend backend;

    @Option(
            names = "--source",
            paramLabel = "CIDR",
            description =
                    "Local addresses to connect from, in turn. Default: the system's choice; toward 127.0.0.0/8 on Linux "
                            + Sources.LOOPBACK + ", since one pair of addresses has some 28,000 ports only.")
    private String source;

    @Option(
            names = "--shard",
            paramLabel = "I/N",
            defaultValue = "1/1",
            description = "Sends the Ith of N equal parts of the load; `headrace merge` adds the reports up.")
    private String shard;

    @Option(
            names = "--start-at",
            paramLabel = "INSTANT",
            description = "Begins then, as 2026-01-31T12:00:00Z, so that shards begin together.")
    private String startAt;

    @Mixin
    private TlsOptions tls;

    static final class BackendByName implements ITypeConverter<RawBackend> {
        @Override
        public RawBackend convert(String name) {
            return name.equals("auto")
                    ? RawBackend.auto()
                    : Arrays.stream(RawBackend.values())
                            .filter(backend -> backend.toString().equals(name))
                            .findFirst()
                            .orElseThrow(() -> new TypeConversionException(
                                    name + " (expected: auto, nio, epoll, io_uring or kqueue)"));
        }
    }

    /**
     * The plan of a mode with these options.
     *
     * @param pace when requests are due, or null in a closed loop
     * @throws IllegalArgumentException saying what is wrong with an option
     */
    Plan plan(
            String command,
            String mode,
            Flow.Kind flows,
            List<Destination> destinations,
            MessageOptions.Choice message,
            int window,
            PaceOption.Pace pace,
            List<String> gates,
            Duration patience) {
        Duration warmup = warmupOrDefault == null ? WARM_UP : warmupOrDefault;
        Duration timeout = this.timeout == null ? patience : this.timeout;
        require("--connections", connections, MOST_CONNECTIONS);
        require("--threads", threads, MOST_THREADS);
        require("--duration", duration, Duration.ofMillis(1));
        require("--warmup", warmup, Duration.ZERO);
        require("--timeout", timeout, Duration.ofMillis(1));
        require("--interval", interval, LEAST_INTERVAL);
        return new Plan(
                command,
                mode,
                flows,
                destinations,
                connections,
                threads,
                backend,
                message.bytes(),
                message.answers(),
                window,
                pace == null ? null : pace.schedule(warmup.toNanos(), duration.toNanos()),
                pace == null ? null : pace.text(),
                warmup.toNanos(),
                duration.toNanos(),
                interval.toNanos(),
                timeout.toNanos(),
                sources(destinations),
                shard(),
                instant(),
                gates,
                ThreadLocalRandom.current().nextLong(),
                tls.context(destinations),
                tls.name());
    }

    /** @throws IllegalArgumentException when one was asked for */
    void noWarmUp(String mode) {
        if (warmupOrDefault != null && !warmupOrDefault.isZero()) {
            throw new IllegalArgumentException("--warmup: not with mode " + mode);
        }
        warmupOrDefault = Duration.ZERO;
    }

    private static void require(String name, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 1 to " + most + ")");
        }
    }

    private static void require(String name, Duration value, Duration least) {
        if (value.compareTo(least) < 0) {
            throw new IllegalArgumentException(name + ": " + Units.time(value.toNanos()) + " (expected: at least "
                    + Units.time(least.toNanos()) + ")");
        }
    }

    private Plan.Shard shard() {
        Plan.Shard part = Plan.Shard.parse(shard);
        if (part.of() > connections) {
            throw new IllegalArgumentException("--connections: " + connections
                    + " (expected: at least one for each of the " + part.of() + " shards)");
        }
        return part;
    }

    private Sources sources(List<Destination> destinations) {
        if (source != null) {
            Sources sources = Sources.parse(source);
            for (Destination to : destinations) {
                if (!sources.canReach(to.address())) {
                    throw new IllegalArgumentException(
                            "--source: " + source + " (expected: addresses of the family of " + to + ")");
                }
            }
            return sources;
        }
        // Elsewhere loopback has one address, whatever the transport.
        boolean ours = System.getProperty("os.name").equals("Linux")
                && destinations.stream()
                        .allMatch(to -> to.loopback() && !to.scheme().datagrams());
        return ours ? Sources.parse(Sources.LOOPBACK) : Sources.ANY;
    }

    private Instant instant() {
        try {
            Instant at = startAt == null ? null : Instant.parse(startAt);
            if (at != null && at.isBefore(Instant.now())) {
                throw new IllegalArgumentException("--start-at: " + startAt + " (expected: a moment that is to come)");
            }
            return at;
        } catch (DateTimeParseException bad) {
            throw new IllegalArgumentException("--start-at: " + startAt + " (expected: as 2026-01-31T12:00:00Z)", bad);
        }
    }
}

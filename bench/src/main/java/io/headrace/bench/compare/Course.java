package io.headrace.bench.compare;

import io.headrace.bench.load.Units;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** What all servers have to go through: workloads and rounds, for how long, in which order, on which cores. */
final class Course {
    private static final int MOST = 1_000;

    @Option(
            names = {"-w", "--workload"},
            paramLabel = "NAME",
            split = ",",
            description = "greet, echo, pipe or udp; several with commas. Default: all.")
    private List<Workload> workloads = List.of(Workload.values());

    @Option(
            names = {"-r", "--rounds"},
            paramLabel = "N",
            defaultValue = "9",
            description = "Rounds of each workload. Default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(
            names = {"-d", "--duration"},
            paramLabel = "TIME",
            defaultValue = "1s",
            converter = Units.Time.class,
            description = "How long each server is loaded in a round. Default: ${DEFAULT-VALUE}.")
    private Duration duration;

    @Option(
            names = "--warmup",
            paramLabel = "TIME",
            defaultValue = "6s",
            converter = Units.Time.class,
            description = "Load on each server before the first round of each workload. Default: ${DEFAULT-VALUE}.")
    private Duration warmup;

    @Option(
            names = "--starts",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "How often all processes are started anew: a JVM can be a few per cent off for its whole life. Default: ${DEFAULT-VALUE}.")
    private int starts;

    @Option(
            names = {"-c", "--connections"},
            paramLabel = "N",
            description = "Connections. Default: 64; udp 16 sockets.")
    private Integer connections;

    @Option(
            names = {"-s", "--size"},
            paramLabel = "BYTES",
            defaultValue = "64",
            converter = Units.Size.class,
            description = "Bytes of a message. Default: ${DEFAULT-VALUE}.")
    private int size;

    @Option(
            names = "--loops",
            paramLabel = "N",
            defaultValue = "1",
            description = "Event loops of each server. Default: ${DEFAULT-VALUE}.")
    private int loops;

    @Option(
            names = "--jvm-flags",
            paramLabel = "FLAGS",
            defaultValue = "-Xms512m -Xmx512m -XX:+UseParallelGC -XX:+AlwaysPreTouch",
            description = "Of every server that is a JVM of ours, and of the load's. Default: ${DEFAULT-VALUE}.")
    private String jvmFlags;

    @Option(
            names = "--cores",
            paramLabel = "SERVERS,LOAD",
            description =
                    "Binds the servers to one core and the load to another, as 0,1; or any. Default: the first and the last.")
    private String cores;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Shuffles the servers in each round. Default: forth and back in turns.")
    private Long seed;

    /** @throws IllegalArgumentException saying which number is out of bounds */
    void check() {
        require("--rounds", rounds);
        require("--starts", starts);
        require("--loops", loops);
    }

    private static void require(String name, int value) {
        if (value < 1 || value > MOST) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 1 to " + MOST + ")");
        }
    }

    /** @throws IllegalArgumentException saying what was expected instead */
    Cores cores() {
        return Cores.of(cores);
    }

    List<Workload> workloads() {
        return workloads;
    }

    /** How often everything is started anew. */
    int starts() {
        return starts;
    }

    /** How servers are started, ours by this class. */
    Standing.Start start(String main, Cores bound) {
        return new Standing.Start(main, List.of(jvmFlags.strip().split("\\s+")), bound, loops);
    }

    /** Of the servers in a round; null: forth and back in turns. */
    Random order() {
        return seed == null ? null : new Random(seed);
    }

    Rounds rounds(Generator load, Random order, Consumer<String> live) {
        return new Rounds(load, rounds, nanos(warmup), nanos(duration), connections, size, order, live);
    }

    private static String nanos(Duration time) {
        return time.toNanos() + "ns";
    }

    /** What each workload asks, in words. */
    Map<Workload, String> headings() {
        Map<Workload, String> headings = new EnumMap<>(Workload.class);
        String times = "; " + rounds * starts + " rounds of " + Units.time(duration.toNanos()) + " each on " + starts
                + (starts == 1 ? " start" : " starts") + " of all processes, after " + Units.time(warmup.toNanos())
                + " of warm-up";
        workloads.forEach(workload -> headings.put(workload, workload.words(connections, size) + times));
        return headings;
    }

    /** What a report says of it. */
    Map<String, Object> about() {
        Map<String, Object> about = new LinkedHashMap<>();
        about.put("jvm_flags", jvmFlags);
        about.put("loops", loops);
        about.put("seed", seed == null ? "none" : seed);
        return about;
    }
}

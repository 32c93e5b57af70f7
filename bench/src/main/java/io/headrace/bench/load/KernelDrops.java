package io.headrace.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What this host's kernel has counted of datagrams that it did not deliver, of all sockets together: where both ends are on this host, this
 * tells which loss was its doing. Linux only; elsewhere it is empty.
 */
record KernelDrops(Map<String, Long> counts) {
    /** Where a report has them. */
    static final String KEY = "kernel_drops";

    private static final Path IPV4 = Path.of("/proc/net/snmp");
    private static final Path IPV6 = Path.of("/proc/net/snmp6");
    private static final String IPV6_NAMES = "Udp6";
    private static final List<String> DROPS =
            List.of("InErrors", "RcvbufErrors", "SndbufErrors", "InCsumErrors", "NoPorts");

    static KernelDrops now() {
        return parse(lines(IPV4), lines(IPV6));
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException elsewhere) {
            return List.of();
        }
    }

    /**
     * What both tables say, added up.
     *
     * @param ipv4 where two lines begin with "Udp:", names and numbers
     * @param ipv6 where each line is a name, which begins with "Udp6", and a number
     */
    static KernelDrops parse(List<String> ipv4, List<String> ipv6) {
        List<String[]> udp = ipv4.stream()
                .filter(line -> line.startsWith("Udp:"))
                .map(line -> line.split(" +"))
                .toList();
        Map<String, Long> counts = new LinkedHashMap<>();
        if (udp.size() == 2 && udp.get(0).length == udp.get(1).length) {
            for (int i = 1; i < udp.get(0).length; i++) {
                if (DROPS.contains(udp.get(0)[i])) {
                    counts.put(udp.get(0)[i], Long.valueOf(udp.get(1)[i]));
                }
            }
        }
        ipv6.stream()
                .filter(line -> line.startsWith(IPV6_NAMES))
                .map(line -> line.substring(IPV6_NAMES.length()).split("\\s+"))
                .filter(line -> line.length == 2 && DROPS.contains(line[0]))
                .forEach(line -> counts.merge(line[0], Long.valueOf(line[1]), Long::sum));
        return new KernelDrops(counts);
    }

    Map<String, Object> since(KernelDrops before) {
        Map<String, Object> drops = new LinkedHashMap<>();
        counts.forEach((name, count) -> drops.put(name, count - before.counts.getOrDefault(name, 0L)));
        return drops;
    }

    /** Of all shards of a run. Those on one machine have counted the same drops: there the most that one of them saw. */
    static Map<String, Object> ofAll(List<Report> shards) {
        Map<String, Map<String, Long>> machines = new LinkedHashMap<>();
        for (Report shard : shards) {
            if (shard.about().get(KEY) instanceof Map<?, ?> drops) {
                Map<String, Long> machine =
                        machines.computeIfAbsent(shard.about("machine"), name -> new LinkedHashMap<>());
                drops.forEach((name, count) -> machine.merge(name.toString(), ((Number) count).longValue(), Math::max));
            }
        }
        Map<String, Long> all = new LinkedHashMap<>();
        machines.values().forEach(machine -> machine.forEach((name, count) -> all.merge(name, count, Long::sum)));
        return new LinkedHashMap<>(all);
    }
}

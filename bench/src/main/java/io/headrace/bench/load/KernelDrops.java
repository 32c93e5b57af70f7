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
    private static final Path SNMP = Path.of("/proc/net/snmp");
    private static final List<String> DROPS =
            List.of("InErrors", "RcvbufErrors", "SndbufErrors", "InCsumErrors", "NoPorts");

    static KernelDrops now() {
        try {
            return parse(Files.readAllLines(SNMP));
        } catch (IOException elsewhere) {
            return new KernelDrops(Map.of());
        }
    }

    /** Two lines begin with "Udp:", names and numbers. */
    static KernelDrops parse(List<String> lines) {
        List<String[]> udp = lines.stream()
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
        return new KernelDrops(counts);
    }

    Map<String, Object> since(KernelDrops before) {
        Map<String, Object> drops = new LinkedHashMap<>();
        counts.forEach((name, count) -> drops.put(name, count - before.counts.getOrDefault(name, 0L)));
        return drops;
    }
}

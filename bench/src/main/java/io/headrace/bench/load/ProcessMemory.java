package io.headrace.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How much memory a process of this host has resident, as Linux tells. */
final class ProcessMemory {
    private static final String RESIDENT = "VmRSS:";
    private static final long KIB = 1_024;

    private final Path status;

    /** @throws IllegalArgumentException when there is no such process, or this system does not tell */
    ProcessMemory(long pid) {
        status = Path.of("/proc", Long.toString(pid), "status");
        if (bytes() == 0) {
            throw new IllegalArgumentException(
                    "--pid: " + pid + " (expected: a process whose " + status + " has " + RESIDENT + ")");
        }
    }

    /** Bytes, or 0 when the process is gone. */
    long bytes() {
        try {
            return parse(Files.readAllLines(status));
        } catch (IOException gone) {
            return 0;
        }
    }

    static long parse(List<String> lines) {
        return lines.stream()
                .filter(line -> line.startsWith(RESIDENT))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * KIB)
                .findFirst()
                .orElse(0);
    }
}

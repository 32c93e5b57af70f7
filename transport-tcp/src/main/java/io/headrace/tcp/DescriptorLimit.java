package io.headrace.tcp;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How many descriptors this process may have open, as it was when first asked. */
final class DescriptorLimit {
    /** Where nothing is known. */
    static final int UNKNOWN = Integer.MAX_VALUE;

    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final String OPEN_FILES = "Max open files";
    private static final int LEAST_HEADROOM = 64;

    private static final int LIMIT = find();

    private DescriptorLimit() {}

    static int get() {
        return LIMIT;
    }

    /** How many of them are for whatever is no connection: files, event loops, refused peers. */
    static int headroom() {
        return headroom(LIMIT);
    }

    static int headroom(int limit) {
        return Math.max(LEAST_HEADROOM, limit / 10);
    }

    private static int find() {
        try {
            return Files.exists(LIMITS) ? parse(Files.readAllLines(LIMITS)) : ask();
        } catch (IOException | LinkageError unreadable) {
            return UNKNOWN;
        }
    }

    /** The soft limit in a table as Linux writes it. */
    static int parse(List<String> limits) {
        return limits.stream()
                .filter(line -> line.startsWith(OPEN_FILES))
                .map(line -> line.substring(OPEN_FILES.length()).strip().split("\\s+")[0])
                .filter(soft -> soft.matches("\\d{1,18}"))
                .mapToInt(soft -> (int) Math.min(UNKNOWN, Long.parseLong(soft)))
                .findFirst()
                .orElse(UNKNOWN);
    }

    private static int ask() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? (int) Math.min(UNKNOWN, unix.getMaxFileDescriptorCount())
                : UNKNOWN;
    }
}

package io.headrace;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** What this machine grants, as Linux tells it; empty where nothing is told. For transports, and for those who look before they start. */
public final class Machine {
    private static final Path KERNEL = Path.of("/proc/sys");
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final String OPEN_FILES = "Max open files";
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private Machine() {}

    /** A setting of the kernel, as {@code net.ipv4.ip_local_port_range}, with single spaces between its numbers. */
    public static Optional<String> setting(String name) {
        return read(KERNEL.resolve(name.replace('.', '/')));
    }

    /** A setting of the kernel that is one number, as {@code net.core.somaxconn}. */
    public static OptionalLong number(String name) {
        return number(setting(name));
    }

    private static OptionalLong number(Optional<String> text) {
        return text.filter(digits -> digits.matches("\\d{1,18}")).stream()
                .mapToLong(Long::parseLong)
                .findFirst();
    }

    /** How many descriptors this process may have open. Told by the JDK where the system has no such table. */
    public static OptionalLong descriptorLimit() {
        try {
            return Files.exists(LIMITS) ? softLimit(OPEN_FILES, Files.readAllLines(LIMITS)) : descriptorLimitOfJdk();
        } catch (IOException | LinkageError notTold) {
            return OptionalLong.empty();
        }
    }

    private static OptionalLong descriptorLimitOfJdk() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? OptionalLong.of(unix.getMaxFileDescriptorCount())
                : OptionalLong.empty();
    }

    /** The soft limit in a table as Linux writes it. */
    static OptionalLong softLimit(String name, List<String> table) {
        return number(table.stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip().split("\\s+")[0])
                .findFirst());
    }

    /** How many descriptors this process has open. */
    public static OptionalLong openDescriptors() {
        try (Stream<Path> all = Files.list(DESCRIPTORS)) {
            return OptionalLong.of(all.count());
        } catch (IOException notTold) {
            return OptionalLong.empty();
        }
    }

    /** How many processors this process's control group may use, where that is limited; as {@code 1.50}. */
    public static Optional<String> processorQuota() {
        return read(Path.of("/sys/fs/cgroup/cpu.max"))
                .or(() -> read(Path.of("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"))
                        .flatMap(quota -> read(Path.of("/sys/fs/cgroup/cpu/cpu.cfs_period_us"))
                                .map(period -> quota + " " + period)))
                .flatMap(Machine::processors);
    }

    /** From a quota and a period in microseconds; {@code max} is no quota, and neither is -1. */
    static Optional<String> processors(String quotaAndPeriod) {
        if (!quotaAndPeriod.matches("\\d+ [1-9]\\d*")) {
            return Optional.empty();
        }
        String[] microseconds = quotaAndPeriod.split(" ");
        double processors = Double.parseDouble(microseconds[0]) / Double.parseDouble(microseconds[1]);
        return Optional.of(String.format(Locale.ROOT, "%.2f", processors));
    }

    /**
     * Who listens on this port, or has it bound, as {@code java (process 4711)}; empty where that is not to be seen.
     *
     * @param protocol tcp or udp
     */
    public static Optional<String> userOf(String protocol, int port) {
        return Stream.of(protocol, protocol + "6")
                .map(table -> inode(Path.of("/proc/net/" + table), port))
                .flatMap(Optional::stream)
                .findFirst()
                .flatMap(Machine::processWith);
    }

    /** Of a socket that is bound to this port and connected to nobody. */
    private static Optional<String> inode(Path table, int port) {
        String local = String.format(":%04X", port);
        try (Stream<String> lines = Files.lines(table)) {
            return lines.skip(1)
                    .map(line -> line.strip().split("\\s+"))
                    .filter(columns -> columns[1].endsWith(local) && columns[2].endsWith(":0000"))
                    .map(columns -> columns[9])
                    .findFirst();
        } catch (IOException notTold) {
            return Optional.empty();
        }
    }

    private static Optional<String> processWith(String inode) {
        Path socket = Path.of("socket:[" + inode + "]");
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                    .filter(process -> process.getFileName().toString().matches("\\d+"))
                    .filter(process -> hasOpen(process.resolve("fd"), socket))
                    .map(process ->
                            read(process.resolve("comm")).map(Text::escaped).orElse("a process") + " (process "
                                    + process.getFileName() + ")")
                    .findFirst();
        } catch (IOException notTold) {
            return Optional.empty();
        }
    }

    private static boolean hasOpen(Path descriptors, Path target) {
        try (Stream<Path> all = Files.list(descriptors)) {
            return all.anyMatch(descriptor -> {
                try {
                    return Files.readSymbolicLink(descriptor).equals(target);
                } catch (IOException closedMeanwhile) {
                    return false;
                }
            });
        } catch (IOException anotherUsers) {
            return false;
        }
    }

    private static Optional<String> read(Path file) {
        try {
            List<String> lines = Files.readAllLines(file);
            return lines.isEmpty()
                    ? Optional.empty()
                    : Optional.of(lines.get(0).strip().replaceAll("\\s+", " "));
        } catch (IOException notTold) {
            return Optional.empty();
        }
    }
}

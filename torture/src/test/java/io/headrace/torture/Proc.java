package io.headrace.torture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What the kernel says in /proc. */
final class Proc {
    private static final String CLOSE_WAIT = "08";

    private Proc() {}

    /** The sockets, polls and rings among the descriptors in this folder. Files are not counted: a JVM opens those as it likes. */
    static int descriptors(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            return (int) all.filter(Proc::countsAsOpen).count();
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    private static boolean countsAsOpen(Path descriptor) {
        String target = target(descriptor);
        return target.startsWith("socket:") || target.startsWith("anon_inode:");
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }

    /** What those descriptors are, for a person who wonders: how many of each kind, TCP sockets by state and local port. */
    static Map<String, Integer> kinds(Path folder) {
        Map<String, String> sockets = new HashMap<>();
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            for (String line : lines(Path.of(table))) {
                String[] cells = line.strip().split("\\s+");
                if (cells.length > 9 && !cells[0].equals("sl")) {
                    sockets.put("socket:[" + cells[9] + "]", "tcp state " + cells[3] + " on port " + port(cells[1]));
                }
            }
        }
        Map<String, Integer> kinds = new TreeMap<>();
        try (Stream<Path> all = Files.list(folder)) {
            all.filter(Proc::countsAsOpen).map(Proc::target).forEach(target -> {
                String kind = target.startsWith("socket:") ? sockets.getOrDefault(target, "other socket") : target;
                kinds.merge(kind, 1, Integer::sum);
            });
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
        return kinds;
    }

    /** Where the kernel tells how long the threads of this process with such names have waited for a processor. */
    static List<Path> waits(long pid, String name) {
        try (Stream<Path> tasks = Files.list(Path.of("/proc", String.valueOf(pid), "task"))) {
            return tasks.filter(task -> first(task.resolve("comm")).startsWith(name))
                    .map(task -> task.resolve("schedstat"))
                    .filter(Files::exists)
                    .toList();
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    /** The sum of {@link #waits} so far, in nanoseconds. */
    static long waitedNs(List<Path> waits) {
        long sum = 0;
        for (Path wait : waits) {
            String[] cells = first(wait).split(" ");
            sum += cells.length > 1 ? Long.parseLong(cells[1]) : 0;
        }
        return sum;
    }

    private static String first(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException gone) {
            return "";
        }
    }

    /** The sockets on these local ports whose peer has finished and whose owner has not. */
    static Set<String> closeWait(Set<Integer> ports) {
        Set<String> found = new HashSet<>();
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            for (String line : lines(Path.of(table))) {
                String[] cells = line.strip().split("\\s+");
                if (cells.length > 9 && cells[3].equals(CLOSE_WAIT) && ports.contains(port(cells[1]))) {
                    found.add(cells[1] + " " + cells[2] + " " + cells[9]);
                }
            }
        }
        return found;
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1), 16);
    }

    /** The kernel's TCP counters in this file, as {@code TCPAbortOnClose}: those of a whole network, so what others do there counts too. */
    static Map<String, Long> tcpCounters(Path netstat) {
        List<String> lines = lines(netstat);
        Map<String, Long> counters = new LinkedHashMap<>();
        for (int i = 0; i + 1 < lines.size(); i += 2) {
            if (lines.get(i).startsWith("TcpExt:")) {
                String[] names = lines.get(i).split(" ");
                String[] values = lines.get(i + 1).split(" ");
                for (int k = 1; k < names.length; k++) {
                    counters.put(names[k], Long.valueOf(values[k]));
                }
            }
        }
        return counters;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException cannotRead) {
            throw new UncheckedIOException(cannotRead);
        }
    }
}

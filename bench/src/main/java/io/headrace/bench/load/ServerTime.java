package io.headrace.bench.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What another process of this host, and those that it has started, use of the processors while a load is measured, as Linux accounts for
 * it: exactly for each thread and, where threads ended meanwhile and took their account with them, for the process in ticks of 10 ms.
 */
final class ServerTime {
    private static final long TICK_NS = 10_000_000; // What Linux tells in /proc, whatever its own are.
    /** The account of a process begins and ends somewhere in a tick, for time of its own and of the system's. */
    private static final long VAGUE_TICKS = 2;
    /** In the account of a process, behind its name in brackets. */
    private static final int USER_TICKS = 11;

    private static final int SYSTEM_TICKS = 12;

    private final long pid;
    private final List<Path> processes;

    private Use began;
    private Use ended;

    /** What has been used so far. */
    private record Use(Map<Path, Long> threadsNs, long ticks) {
        long since(Use before) {
            long ns = 0;
            for (Map.Entry<Path, Long> thread : threadsNs.entrySet()) {
                ns += thread.getValue() - before.threadsNs.getOrDefault(thread.getKey(), 0L);
            }
            long inTicks = ticks - before.ticks;
            return (inTicks - VAGUE_TICKS) * TICK_NS > ns ? inTicks * TICK_NS : ns;
        }
    }

    /** @throws IllegalArgumentException when there is no such process, or this system does not tell */
    ServerTime(long pid) {
        this.pid = pid;
        processes = Stream.concat(
                        Stream.of(pid),
                        ProcessHandle.of(pid).stream()
                                .flatMap(ProcessHandle::descendants)
                                .map(ProcessHandle::pid))
                .map(id -> Path.of("/proc", id.toString(), "task"))
                .toList();
        began = now();
        ended = began;
        if (began.threadsNs().isEmpty()) {
            throw new IllegalArgumentException("--pid: " + pid
                    + " (expected: a process whose threads have a schedstat in " + processes.get(0) + ")");
        }
    }

    /** What counts begins now. */
    void begin() {
        began = now();
        ended = began;
    }

    /** What counts ends now, unless this is said again. */
    void end() {
        ended = now();
    }

    long ns() {
        return ended.since(began);
    }

    /** For the report of the run. */
    Map<String, Object> found(Report report) {
        long ns = ns();
        long answered = report.total().count(Count.ANSWERED);
        return ReportJson.ordered(
                "pid",
                pid,
                "ns",
                ns,
                "ns_per_answer",
                answered == 0 ? 0 : (double) ns / answered,
                "cores",
                report.measuredNs() == 0 ? 0 : (double) ns / report.measuredNs());
    }

    private Use now() {
        Map<Path, Long> ns = new HashMap<>();
        long ticks = 0;
        for (Path process : processes) {
            try (Stream<Path> threads = Files.list(process)) {
                threads.forEach(thread -> read(thread, ns));
                ticks += ticks(process.resolveSibling("stat"));
            } catch (IOException | UncheckedIOException gone) {
                // It has ended.
            }
        }
        return new Use(ns, ticks);
    }

    /** The first number is the time on a processor. */
    private static void read(Path thread, Map<Path, Long> ns) {
        try {
            String line = Files.readString(thread.resolve("schedstat"));
            ns.put(thread, Long.parseLong(line.substring(0, line.indexOf(' '))));
        } catch (IOException gone) {
            // So is this thread.
        }
    }

    /** Of all threads that the process has had. */
    private static long ticks(Path account) throws IOException {
        String line = Files.readString(account);
        String[] words = line.substring(line.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(words[USER_TICKS]) + Long.parseLong(words[SYSTEM_TICKS]);
    }
}

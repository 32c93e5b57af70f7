package io.headrace.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which cores servers and load are bound to.
 *
 * @param servers as {@code taskset -c} takes them; null: the system's choice
 * @param load the same
 * @param why what a report says
 */
record Cores(String servers, String load, String why) {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String ALLOWED = "Cpus_allowed_list:";

    /** @param wanted {@code 0,1}: servers on core 0, load on core 1; {@code any}; or null for the first and the last */
    static Cores of(String wanted) {
        if ("any".equals(wanted)) {
            return new Cores(null, null, "not bound to cores");
        }
        if (wanted != null) {
            if (!wanted.matches("[0-9]+,[0-9]+")) {
                throw new IllegalArgumentException("--cores: " + wanted + " (expected: SERVERS,LOAD as 0,1, or any)");
            }
            requireTaskset();
            String[] two = wanted.split(",");
            return bound(two[0], two[1]);
        }
        if (!taskset()) {
            return new Cores(null, null, "not bound to cores: there is no taskset");
        }
        int[] allowed = allowed();
        if (allowed.length < 2) {
            return new Cores(null, null, "not bound to cores: there is only one, and servers and load share it");
        }
        return bound(Integer.toString(allowed[0]), Integer.toString(allowed[allowed.length - 1]));
    }

    private static Cores bound(String servers, String load) {
        return new Cores(servers, load, "servers on core " + servers + ", load from core " + load);
    }

    private static void requireTaskset() {
        if (!taskset()) {
            throw new IllegalArgumentException("--cores: there is no taskset here (expected: any)");
        }
    }

    private static boolean taskset() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "taskset")));
    }

    /** The first and the last core that this process may use. */
    private static int[] allowed() {
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith(ALLOWED))
                    .flatMap(line ->
                            Stream.of(line.substring(ALLOWED.length()).strip().split("[,-]")))
                    .mapToInt(Integer::parseInt)
                    .toArray();
        } catch (IOException elsewhere) {
            return new int[0];
        }
    }

    /** What stands before a command that shall run there. */
    static List<String> on(String cores) {
        return cores == null ? List.of() : List.of("taskset", "-c", cores);
    }
}

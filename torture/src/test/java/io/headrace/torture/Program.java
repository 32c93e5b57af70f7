package io.headrace.torture;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A real client or tool. A row that needs one which is not there is not run, and says so. */
final class Program {

    private Program() {}

    record Result(int status, String output) {}

    /** Python 3 with this script of the test resources. */
    static List<String> python(String script, Object... arguments) throws IOException {
        need("python3");
        try (var resource = Program.class.getResourceAsStream(script)) {
            List<String> command =
                    new ArrayList<>(List.of("python3", "-c", new String(resource.readAllBytes(), UTF_8)));
            Arrays.stream(arguments).map(String::valueOf).forEach(command::add);
            return command;
        }
    }

    static void need(String program) {
        boolean there = Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
        Assumptions.assumeTrue(there, "needs " + program);
    }

    /** Whether this process may make network namespaces. */
    static void needNamespaces() throws Exception {
        need("unshare");
        need("nsenter");
        need("ip");
        Result tried = run(List.of("unshare", "-n", "ip", "link", "set", "lo", "up"));
        Assumptions.assumeTrue(tried.status == 0, "needs network namespaces");
    }

    /** Whether this process may mount file systems of its own. */
    static void needMounts() throws Exception {
        need("unshare");
        Result tried = run(List.of("unshare", "-rm", "sh", "-c", "mount -t tmpfs -o size=1m tmpfs /tmp"));
        Assumptions.assumeTrue(tried.status == 0, "needs namespaces in which it may mount");
    }

    /** Runs it to its end, two minutes at most; what it says on both outputs. */
    static Result run(List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("torture", ".out");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            process.getOutputStream().close();
            if (!process.waitFor(2, TimeUnit.MINUTES)) {
                throw new AssertionError("still running after 2 min: " + command.get(0));
            }
            return new Result(process.exitValue(), Files.readString(output));
        } finally {
            process.destroyForcibly();
            Files.delete(output);
        }
    }
}

package io.headrace.bench.load;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code headrace load soak}. */
@Command(
        name = "soak",
        description = {
            "Opens connections, says nothing on them, and holds them for --duration.",
            "A connection that breaks is an error and is opened again; one that is open at the end counts as answered. With --pid the",
            "server's memory per connection."
        })
final class SoakMode extends ModeCommand {
    @Option(
            names = "--pid",
            paramLabel = "PID",
            description = "The server's process on this host (Linux): its resident memory before and after opening.")
    private Long pid;

    private long bytes;
    private int open;

    @Override
    Plan plan(List<Destination> destinations) {
        load.noWarmUp("soak");
        return load.plan(
                command(),
                "soak",
                IdleFlow::new,
                destinations,
                MessageOptions.Choice.NONE,
                1,
                null,
                gates.gates(),
                LoadOptions.PATIENCE);
    }

    @Override
    Report report(Plan plan, Runs runs) {
        if (pid == null) {
            return runs.run(plan, live(plan));
        }
        ProcessMemory memory = memory();
        long before = memory.bytes();
        Consumer<Interval> live = live(plan);
        Report report = runs.run(plan, interval -> {
            live.accept(interval);
            // The last interval is told when its connections are closed already: memory that was given back since is
            // not seen.
            if (bytes == 0 || interval.fromNs() + interval.lengthNs() < plan.durationNs()) {
                bytes = memory.bytes();
                open = interval.open();
            }
        });
        Map<String, Object> found = ReportJson.ordered(
                "pid",
                pid,
                "before_bytes",
                before,
                "after_bytes",
                bytes,
                "connections",
                open,
                "bytes_per_connection",
                open == 0 ? 0 : (bytes - before) / open);
        return report.with("server_memory", found);
    }

    private ProcessMemory memory() {
        try {
            return new ProcessMemory(pid);
        } catch (IllegalArgumentException bad) {
            throw new IllegalStateException(bad.getMessage(), bad);
        }
    }
}

package io.headrace.bench.load;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import picocli.CommandLine.Command;

/** {@code headrace load soak}. */
@Command(
        name = "soak",
        description = {
            "Opens connections, says nothing on them, and holds them for --duration.",
            "A connection that breaks is an error and is opened again; one that is open at the end counts as answered. With --pid the",
            "server's memory per connection."
        })
final class SoakMode extends ModeCommand {
    private long bytes;
    private int open;

    @Override
    Plan plan(List<Destination> destinations) {
        load.noWarmUp("soak");
        return plan(destinations, IdleFlow.KIND, MessageOptions.Choice.NONE, 1, null);
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
            // The last interval, by time or by a signal, is told when its connections are closed already: memory that
            // was given back since would not be seen.
            boolean last = runs.interrupted() || interval.fromNs() + interval.lengthNs() >= plan.durationNs();
            if (bytes == 0 || !last) {
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

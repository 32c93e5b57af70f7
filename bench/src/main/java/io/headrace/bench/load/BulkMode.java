package io.headrace.bench.load;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code headrace load bulk}. */
@Command(
        name = "bulk",
        description = {
            "Throughput: sends as much as the server takes, or counts what it sends.",
            "Up goes to a server that discards, down comes from one that speaks by itself, both needs one that sends back. Bytes are",
            "counted when they are handed to the socket: up to 64 KiB of a connection may be on their way."
        })
final class BulkMode extends ModeCommand {
    private static final int MOST_BYTES = 4 * 1_024 * 1_024;

    /** Which way bytes go. */
    enum Direction {
        UP,
        DOWN,
        BOTH
    }

    @Option(
            names = "--direction",
            paramLabel = "WAY",
            defaultValue = "up",
            description = "up, down or both. Default: ${DEFAULT-VALUE}.")
    private String direction;

    @Option(
            names = {"-s", "--size"},
            paramLabel = "BYTES",
            converter = Units.Size.class,
            defaultValue = "16k",
            description = "Bytes of one write. Default: ${DEFAULT-VALUE}.")
    private int size;

    @Override
    Plan plan(List<Destination> destinations) {
        boolean sends = direction() != Direction.DOWN;
        if (size < 1 || size > MOST_BYTES) {
            throw new IllegalArgumentException("--size: " + size + " (expected: 1 to " + MOST_BYTES + ")");
        }
        return plan(destinations, BulkFlow.kind(sends), MessageOptions.Choice.letters(size), 1, null);
    }

    private Direction direction() {
        for (Direction each : Direction.values()) {
            if (each.name().equalsIgnoreCase(direction)) {
                return each;
            }
        }
        throw new IllegalArgumentException("--direction: " + direction + " (expected: up, down or both)");
    }

    @Override
    int status(Report report) {
        boolean up = report.total().count(Count.BYTES_SENT) > 0;
        boolean down = report.total().count(Count.BYTES_RECEIVED) > 0;
        boolean done = switch (direction()) {
            case UP -> up;
            case DOWN -> down;
            case BOTH -> up && down;
        };
        return done ? gates.status(report) : GateOptions.NOTHING_DONE;
    }
}

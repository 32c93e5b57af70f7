package io.headrace.bench.load;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code headrace load connect}. */
@Command(
        name = "connect",
        description = "Connects, reads the greeting, closes, and begins again: new connections per second.")
final class ConnectMode extends ModeCommand {
    @Option(
            names = "--greeting",
            paramLabel = "BYTES",
            description = "Closes after so many bytes, 0 being at once. Default: reads until the server closes.")
    private Integer greeting;

    @Override
    Plan plan(List<Destination> destinations) {
        if (greeting != null && greeting < 0) {
            throw new IllegalArgumentException("--greeting: " + greeting + " (expected: >= 0)");
        }
        Flow.Kind flows = ConnectFlow.greeting(greeting == null ? -1 : greeting);
        return plan(destinations, flows, MessageOptions.Choice.NONE, 1, null);
    }
}

package io.headrace.bench.load;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code headrace load pipeline}. */
@Command(name = "pipeline", description = "Closed loop, several requests in flight per connection.")
final class PipelineMode extends ModeCommand {
    static final int MOST = 65_536;

    @Mixin
    private MessageOptions message;

    @Option(
            names = {"-w", "--window"},
            paramLabel = "W",
            defaultValue = "16",
            description = "Requests in flight per connection. Default: ${DEFAULT-VALUE}.")
    private int window;

    @Override
    Plan plan(List<Destination> destinations) {
        return load.plan(
                command(),
                "pipeline",
                ClosedFlow::new,
                destinations,
                message.choice(),
                window(window),
                null,
                gates.gates(),
                LoadOptions.PATIENCE);
    }

    /** @throws IllegalArgumentException when it is too large or too small */
    static int window(int window) {
        if (window < 1 || window > MOST) {
            throw new IllegalArgumentException("--window: " + window + " (expected: 1 to " + MOST + ")");
        }
        return window;
    }
}

package io.headrace.bench.load;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code headrace load rate}. */
@Command(
        name = "rate",
        description = {
            "Open loop: requests are sent when they are due, whatever became of those before.",
            "So a server which stalls is measured by all who would have come meanwhile. The response counts from when a request was",
            "due, the service from when it was sent."
        })
final class RateMode extends ModeCommand {
    @Mixin
    private PaceOption rate;

    @Mixin
    private MessageOptions message;

    @Option(
            names = {"-w", "--window"},
            paramLabel = "W",
            defaultValue = "1",
            description =
                    "Requests in flight per connection at most; what is due beyond waits for an answer. Default: ${DEFAULT-VALUE}.")
    private int window;

    @Override
    Plan plan(List<Destination> destinations) {
        return load.plan(
                command(),
                "rate",
                OpenFlow::new,
                destinations,
                message.choice(),
                PipelineMode.window(window),
                rate.pace(),
                gates.gates(),
                LoadOptions.PATIENCE);
    }
}

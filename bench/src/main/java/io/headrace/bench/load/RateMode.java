package io.headrace.bench.load;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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

    @Mixin
    private WindowOption window;

    @Override
    Plan plan(List<Destination> destinations) {
        return plan(destinations, OpenFlow::new, message.choice(), window.or(1), rate.pace());
    }
}

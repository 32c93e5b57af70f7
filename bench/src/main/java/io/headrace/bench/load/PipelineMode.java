package io.headrace.bench.load;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code headrace load pipeline}. */
@Command(name = "pipeline", description = "Closed loop, several requests in flight per connection.")
final class PipelineMode extends ModeCommand {
    private static final int USUAL = 16;

    @Mixin
    private MessageOptions message;

    @Mixin
    private WindowOption window;

    @Override
    Plan plan(List<Destination> destinations) {
        return plan(destinations, ClosedFlow::new, message.choice(), window.or(USUAL), null);
    }
}

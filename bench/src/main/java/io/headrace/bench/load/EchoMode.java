package io.headrace.bench.load;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code headrace load echo}. */
@Command(
        name = "echo",
        description =
                "Closed loop, one request in flight per connection: each answer is followed by the next request at once.")
final class EchoMode extends ModeCommand {
    @Mixin
    private MessageOptions message;

    @Override
    Plan plan(List<Destination> destinations) {
        return plan(destinations, ClosedFlow::new, message.choice(), 1, null);
    }
}

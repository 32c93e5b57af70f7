package io.headrace.bench.load;

import java.net.UnknownHostException;
import java.util.List;
import picocli.CommandLine;

/** Plans whose connections do what a test wants. */
final class Plans {
    private Plans() {}

    /**
     * A plan of mode rate, with one request in flight per connection.
     *
     * @param options other than {@code -R}
     */
    static Plan rate(Flow.Kind flows, String rate, String options, Object target) {
        RateMode mode = new RateMode();
        String words = options + " -R " + rate + " " + target;
        new CommandLine(mode).parseArgs(words.trim().split(" "));
        try {
            List<Destination> destinations = List.of(Destination.parse(target.toString()));
            return mode.plan(destinations, flows, MessageOptions.Choice.letters(64), 1, PaceOption.pace(rate));
        } catch (UnknownHostException unknown) {
            throw new AssertionError(unknown);
        }
    }
}

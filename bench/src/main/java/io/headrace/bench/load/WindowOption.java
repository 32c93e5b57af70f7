package io.headrace.bench.load;

import picocli.CommandLine.Option;

/** {@code --window}: how many requests a connection has in flight. */
final class WindowOption {
    static final int MOST = 65_536;

    @Option(
            names = {"-w", "--window"},
            paramLabel = "W",
            description =
                    "Requests in flight per connection; in an open loop at most, and what is due beyond waits for an answer. Default: pipeline 16, rate and find 1, udp 1 or with --rate "
                            + MOST + ".")
    private Integer window;

    /** @throws IllegalArgumentException when it is too large or too small */
    int or(int usual) {
        int chosen = window == null ? usual : window;
        if (chosen < 1 || chosen > MOST) {
            throw new IllegalArgumentException("--window: " + chosen + " (expected: 1 to " + MOST + ")");
        }
        return chosen;
    }
}

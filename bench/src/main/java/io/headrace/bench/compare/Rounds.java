package io.headrace.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Rounds of one workload over servers that are up.
 *
 * @param warmup how long each server is loaded before the first round
 * @param duration how long each is loaded in a round
 * @param seed of the order in a round, or null for forth and back in turns
 */
record Rounds(
        Generator generator,
        int rounds,
        String warmup,
        String duration,
        Integer connections,
        int size,
        Random seed,
        Consumer<String> live) {
    /** Each round begins with load that does not count: its connections are new. */
    private static final String LEAD_IN = "200ms";

    /**
     * Adds a sample for each server and round.
     *
     * @param samples a list for each server
     * @return whether it came to its end; not when the generator was told to end
     */
    boolean of(Workload workload, List<Standing> servers, List<List<Sample>> samples) throws IOException {
        for (Standing server : servers) {
            live.accept(workload + ": warming " + server.entrant().name() + " up");
            if (!warmup.matches("0[a-z]*") && load(workload, server, "0s", warmup) == null) {
                return false;
            }
        }
        for (int round = 0; round < rounds; round++) {
            Sample[] done = new Sample[servers.size()];
            for (int i : order(round, servers.size())) {
                done[i] = load(workload, servers.get(i), LEAD_IN, duration);
                if (done[i] == null) {
                    return false;
                }
            }
            for (int i = 0; i < done.length; i++) {
                samples.get(i).add(done[i]);
            }
            live.accept(workload + ": round " + (round + 1) + " of " + rounds);
        }
        return true;
    }

    private List<Integer> order(int round, int servers) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < servers; i++) {
            order.add(i);
        }
        if (seed != null) {
            Collections.shuffle(order, seed);
        } else if (round % 2 == 1) {
            Collections.reverse(order);
        }
        return order;
    }

    private Sample load(Workload workload, Standing server, String leadIn, String duration) throws IOException {
        List<String> words = new ArrayList<>(workload.words(server, connections, size));
        words.addAll(List.of("--warmup", leadIn, "-d", duration, "--quiet", "--json", "-"));
        if (Files.exists(Path.of("/proc", Long.toString(server.pid()), "schedstat"))) {
            words.addAll(List.of("--pid", Long.toString(server.pid())));
        }
        var report = generator.load(words);
        return report == null ? null : Sample.of(report);
    }
}

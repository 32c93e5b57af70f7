package io.headrace.bench.load;

import io.headrace.bench.netty.RawBackend;
import io.netty.handler.ssl.SslContext;
import java.time.Instant;
import java.util.List;

/**
 * What was asked for.
 *
 * @param command the words of the command line
 * @param mode the name of the mode
 * @param flows what each connection does
 * @param answers what an answer looks like
 * @param connections of all shards together
 * @param window requests in flight per connection, at most
 * @param schedule when requests are due, for all shards together, from the beginning of the warm-up; null in a closed loop
 * @param rate the rate that was asked for, as it was written; null in a closed loop
 * @param startAt when the warm-up begins, or null for at once
 * @param gates what has to hold of the report, as it was written
 * @param id tells the datagrams of this run from those of others
 * @param tls what TLS connections are made with, or null where no target wants TLS
 * @param tlsName the name that the server has to have, or null for the host of the target
 */
record Plan(
        String command,
        String mode,
        Flow.Kind flows,
        List<Destination> destinations,
        int connections,
        int threads,
        RawBackend backend,
        byte[] message,
        Answers.Kind answers,
        int window,
        Schedule schedule,
        String rate,
        long warmupNs,
        long durationNs,
        long intervalNs,
        long timeoutNs,
        Sources sources,
        Shard shard,
        Instant startAt,
        List<String> gates,
        long id,
        SslContext tls,
        String tlsName) {

    /** Which part of a load this process sends: every {@code of}th connection, from {@code index} on, which begins at 1. */
    record Shard(int index, int of) {
        static final Shard WHOLE = new Shard(1, 1);

        /** @throws IllegalArgumentException saying what was expected instead */
        static Shard parse(String text) {
            if (text.matches("[0-9]{1,4}/[0-9]{1,4}")) {
                int slash = text.indexOf('/');
                int index = Integer.parseInt(text.substring(0, slash));
                int of = Integer.parseInt(text.substring(slash + 1));
                if (index >= 1 && index <= of) {
                    return new Shard(index, of);
                }
            }
            throw new IllegalArgumentException("--shard: " + text + " (expected: i/n with 1 <= i <= n)");
        }

        boolean has(int connection) {
            return connection % of == index - 1;
        }

        /** Its part of the load: as many of the connections as it has. */
        double share(int connections) {
            int whole = connections / of;
            boolean oneMore = connections % of >= index;
            return (double) (whole + (oneMore ? 1 : 0)) / connections;
        }

        @Override
        public String toString() {
            return index + "/" + of;
        }
    }

    /** The same at another rate. */
    Plan at(PaceOption.Pace pace) {
        return new Plan(
                command,
                mode,
                flows,
                destinations,
                connections,
                threads,
                backend,
                message,
                answers,
                window,
                pace.schedule(warmupNs, durationNs),
                pace.text(),
                warmupNs,
                durationNs,
                intervalNs,
                timeoutNs,
                sources,
                shard,
                startAt,
                gates,
                id,
                tls,
                tlsName);
    }

    /** The rate that this process is to send at, as it was written; null in a closed loop. */
    String ownRate() {
        return rate == null ? null : PaceOption.pace(rate).text(shard.share(connections));
    }

    Destination destination(int connection) {
        return destinations.get(connection % destinations.size());
    }

    long wholeNs() {
        return warmupNs + durationNs;
    }
}

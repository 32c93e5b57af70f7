package io.headrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FindTest {
    /** The rates that are tried of a server which holds up to this one. */
    private static List<Double> tried(RateSearch search, double holds) {
        List<Double> tried = new ArrayList<>();
        while (!search.done()) {
            tried.add(search.next());
            search.tried(search.next() <= holds);
        }
        return tried;
    }

    @Test
    void doublesAndThenHalvesWhatIsLeft() {
        RateSearch search = new RateSearch(100, 1e6, 0.05);

        assertThat(tried(search, 1_100))
                .containsExactly(100.0, 200.0, 400.0, 800.0, 1_600.0, 1_200.0, 1_000.0, 1_100.0, 1_150.0);
        assertThat(search.best()).isEqualTo(1_100);
    }

    @Test
    void goesDownWhenTheFirstDoesNotHold() {
        RateSearch search = new RateSearch(100, 1e6, 0.1);

        assertThat(tried(search, 20)).startsWith(100.0, 50.0, 25.0, 12.0);
        assertThat(search.best()).isBetween(18.0, 20.0);
    }

    @Test
    void stopsAtTheHighestAllowed() {
        RateSearch search = new RateSearch(100, 300, 0.05);

        assertThat(tried(search, 1e9)).containsExactly(100.0, 200.0, 300.0);
        assertThat(search.best()).isEqualTo(300);
    }

    @Test
    void givesUpWhereNothingHolds() {
        RateSearch search = new RateSearch(100, 300, 0.05);

        assertThat(tried(search, 0).size()).isLessThan(20);
        assertThat(search.best()).isZero();
    }

    @Test
    void findsNoMoreThanItMayTry() {
        try (Served server = Served.tcp(Served::echo)) {
            Loading loading = Loading.of(
                    "find --from 50 --to 200 -c 2 -w 64 -d 200ms --warmup 0s --slo p50<10s --json - --quiet", server);
            Report report = ReportJson.read(loading.out().trim());

            assertThat(loading.status()).isZero();
            assertThat(loading.err())
                    .contains(
                            "find   50/s holds",
                            "find   200/s holds",
                            "highest rate that keeps the gates: 200/s; limited by --to");
            assertThat(report.total().count(Count.ANSWERED)).isPositive();
            assertThat(((Map<?, ?>) report.about().get("find")).get("highest")).isEqualTo("200/s");
        }
    }

    @Test
    void eachStepSaysWhatItTries() {
        try (Served server = Served.tcp(Served::echo)) {
            String err = Loading.of(
                            "find --from 10 --to 20 -c 1 -w 64 -d 300ms --interval 100ms --warmup 0s --slo p50<10s",
                            server)
                    .err();

            assertThat(err.substring(0, err.indexOf("find   10/s")))
                    .contains("/s of 10/s")
                    .doesNotContain("of 20/s");
            assertThat(err.substring(err.indexOf("find   10/s")))
                    .contains("/s of 20/s")
                    .doesNotContain("of 10/s");
        }
    }

    @Test
    void sayingThatNothingHoldsIsABrokenGate() {
        try (Served server = Served.tcp(Served::echo)) {
            Loading loading = Loading.of("find --from 4 -c 2 -d 500ms --warmup 0s --slo p50<1ns --quiet", server);

            assertThat(loading.status()).isEqualTo(3);
            assertThat(loading.err()).contains("find   4/s does not: p50<1ns broken, it is ");
            assertThat(loading.out()).contains("highest rate that keeps the gates: none");
        }
    }

    @Test
    void everyShardHasAConnection() {
        CommandLineError.expect(
                "rate -R 100 -c 1 --shard 2/2 tcp://127.0.0.1:1",
                "--connections: 1 (expected: at least one for each of the 2 shards)");
    }

    @Test
    void shardDoesNotKnowWhatItsServerDoes() {
        for (String mode : new String[] {"echo", "soak"}) {
            CommandLineError.expect(
                    mode + " --pid 1 --shard 1/2 tcp://127.0.0.1:1",
                    "--pid: not together with --shard (a shard knows only of its own answers and connections)");
        }
    }

    @Test
    void isNoJobForShards() {
        CommandLineError.expect(
                "find --slo p99<1s --shard 1/2 tcp://127.0.0.1:1",
                "--shard: not with mode find, whose processes would try different rates (expected: mode rate at what one process found)");
        CommandLineError.expect(
                "find --slo p99<1s --start-at 2999-01-31T12:00:00Z tcp://127.0.0.1:1",
                "--start-at: not with mode find, which begins many times");
    }

    @Test
    void wantsAGate() {
        CommandLineError.expect(
                "find tcp://127.0.0.1:1", "--slo: missing (expected: what the rate has to keep, as p99<50ms)");
    }
}

package io.headrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that stalls once: an open loop shows it to all who would have come, a closed loop hides it. */
class StallTest {
    private static final long MS = 1_000_000;

    private static long p99(Report report, Timing timing) {
        return report.total().histogram(timing).getValueAtPercentile(99);
    }

    /** The report of a run in which the machine had time for this tool: the server's stall does not make its requests late, which a connection keeps. */
    private static Report undisturbed(String words, int seconds, int stallMs) {
        for (int tries = 1; ; tries++) {
            try (Served server = Served.stalling(500 * seconds, 64, stallMs)) {
                Report report = Loading.report(words, server);
                if (tries == 5 || report.total().histogram(Timing.SEND_LAG).getMaxValue() < stallMs * MS / 4) {
                    return report;
                }
            }
        }
    }

    private static void showsTheStall(int seconds, int stallMs) {
        Report rate = undisturbed("rate -R 1000 -c 5 -d " + seconds + "s", seconds, stallMs);

        // A tenth of all requests fell into the stall, evenly: the slowest hundredth waited nine tenths of it.
        assertThat(p99(rate, Timing.RESPONSE)).isGreaterThan(stallMs * MS * 8 / 10);
        // Those that were in flight when it began are too few to be seen in the service.
        assertThat(p99(rate, Timing.SERVICE)).isLessThan(stallMs * MS / 2);
        long longest = rate.total().histogram(Timing.SERVICE).getMaxValue();
        assertThat(longest).isGreaterThan(stallMs * MS * 9 / 10);
        // Who was in flight when it began waited longest; those behind it no longer, but for the queue that it left.
        assertThat(p99(rate, Timing.RESPONSE)).isLessThan(longest * 12 / 10);
        // The connections were not free: it was not this tool that was late.
        assertThat(p99(rate, Timing.SEND_LAG)).isLessThan(stallMs * MS / 2);
        try (Served server = Served.stalling(500 * seconds, 64, stallMs)) {
            Report echo = Loading.report("echo -c 5 -d " + seconds + "s", server);

            assertThat(p99(echo, Timing.RESPONSE)).isLessThan(stallMs * MS / 2);
            assertThat(echo.total().histogram(Timing.RESPONSE).getMaxValue()).isGreaterThan(stallMs * MS * 9 / 10);
        }
    }

    @Test
    void openLoopShowsAStall() {
        showsTheStall(3, 300);
    }

    @Test
    @Tag("slow")
    void openLoopShowsAStallOfASecondInTen() {
        showsTheStall(10, 1_000);
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 10_000})
    void everyRequestOfTheScheduleIsSentOrSaidNotToBe(int rate) {
        try (Served server = Served.tcp(Served::echo)) {
            Report report = Loading.of("rate -c 10 -d 1s --warmup 1s --quiet --json - -R " + rate, server)
                    .report();

            // At the very end the machine may have had no time for the last of them: the report says how many.
            assertThat(report.total().count(Count.SENT) + report.total().count(Count.UNSENT))
                    .isEqualTo(rate - (report.pace().expected() - report.pace().paced()));
            assertThat(report.pace().expected()).isEqualTo(2L * rate);
            assertThat(report.pace().paced()).isGreaterThan(rate);
        }
    }

    @Test
    @Tag("slow")
    void ratesAreKeptWithinAThousandth() {
        try (Served server = Served.tcp(Served::echo)) {
            for (int rate : new int[] {100, 10_000}) {
                // Warm, and with room for what is due while answers are on their way.
                Report report = Loading.of("rate -c 10 -w 64 -d 10s --warmup 3s --quiet --json - -R " + rate, server)
                        .report();

                assertThat(report.total().count(Count.SENT) + report.total().count(Count.UNSENT))
                        .isEqualTo(10L * rate);
                assertThat(report.perSecond(Count.SENT)).isBetween(rate * 0.999, rate * 1.001);
                assertThat(report.perSecond(Count.ANSWERED)).isBetween(rate * 0.999, rate * 1.001);
            }
        }
    }
}

package io.headrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScheduleTest {
    private static final long S = 1_000_000_000;

    @Test
    void steadyRateIsAMultipleAndNeverDrifts() {
        Schedule schedule = Schedule.steady(3);

        assertThat(schedule.at(0)).isZero();
        assertThat(schedule.at(1)).isCloseTo(S / 3.0, within(1.0));
        assertThat(schedule.at(3_000_000)).isCloseTo(1_000_000.0 * S, within(1.0));
    }

    @Test
    void rampAsksTheMeanRateOverItsTime() {
        assertThat(Schedule.ramp(100, 300, 10 * S).before(10 * S)).isEqualTo(2_000);
        assertThat(Schedule.ramp(300, 100, 10 * S).before(10 * S)).isEqualTo(2_000);
        assertThat(Schedule.ramp(0.001, 1_000, 2 * S).before(2 * S)).isEqualTo(1_001);
    }

    @Test
    void rampGrowsEvenly() {
        Schedule schedule = Schedule.ramp(100, 300, 10 * S);

        // In the first second 100 to 120 a second, in the last 280 to 300.
        assertThat(schedule.before(S)).isEqualTo(110);
        assertThat(schedule.before(10 * S) - schedule.before(9 * S)).isEqualTo(290);
    }

    @ParameterizedTest
    @CsvSource({"1000, 1000", "100, 1000", "1000, 100", "0.5, 7"})
    void whatIsDueBeforeAMomentIsWhatTheMomentsSay(double from, double to) {
        Schedule schedule = Schedule.ramp(from, to, 4 * S);

        for (long ns = S / 7; ns < 4 * S; ns += S / 3) {
            long count = schedule.before(ns);
            assertThat(schedule.at(count)).isGreaterThanOrEqualTo(ns - 1);
            assertThat(schedule.at(count - 1)).isLessThan(ns + 1);
        }
    }

    @ParameterizedTest
    @CsvSource({"3, 30", "7, 70", "0.3, 3", "1000, 10000", "0.7, 7"})
    void whatIsDueAtTheEndIsNotDueBeforeIt(double rate, long requests) {
        Schedule schedule = Schedule.steady(rate);

        assertThat(schedule.before(10 * S)).isEqualTo(requests);
        assertThat(schedule.after(Schedule.steady(rate), 10 * S).before(20 * S)).isEqualTo(2 * requests);
        assertThat((long) schedule.at(requests - 1)).isLessThan(10 * S);
        assertThat((long) schedule.at(requests)).isGreaterThanOrEqualTo(10 * S);
    }

    @Test
    void rampFollowsAWarmUpOfItsFirstRate() {
        Schedule schedule = Schedule.ramp(100, 300, 10 * S).after(Schedule.steady(100), 2 * S);

        assertThat(schedule.before(2 * S)).isEqualTo(200);
        assertThat(schedule.before(12 * S)).isEqualTo(2_200);
        assertThat(LongStream.range(1, 2_200).allMatch(n -> schedule.at(n) > schedule.at(n - 1)))
                .isTrue();
    }
}

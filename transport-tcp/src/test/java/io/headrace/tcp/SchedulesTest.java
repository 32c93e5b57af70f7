package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.Endpoint;
import io.headrace.LogCapture;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Row J5 of the torture list: many schedules of what peers, the application, the clock and an operator may do, each drawn from a seed. After
 * every step the counts must agree, and at the end nothing may be left.
 *
 * <p>One thread drives the event loop, the peers and the clocks, so a seed is one schedule: {@code -Dseed=42} runs one again.
 */
class SchedulesTest {

    @Test
    void threeHundredSchedules() throws Exception {
        run(1, 300);
    }

    @Tag("slow")
    @Timeout(900)
    @Test
    void tenThousandSchedules() throws Exception {
        run(1_000, 10_000);
    }

    private static void run(long first, int count) throws Exception {
        Long only = Long.getLong("seed");
        long from = only == null ? first : only;
        long to = only == null ? first + count : only + 1;
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            Schedule.Seen seen = new Schedule.Seen();
            for (long seed = from; seed < to; seed++) {
                trace(seed, seen);
            }
            if (only == null) {
                seen.requireEverything();
            }
            assertThat(log.events())
                    .as("faults")
                    .filteredOn(event -> event.getThrowableProxy() != null)
                    .allMatch(event -> event.getThrowableProxy().getMessage().equals(Schedule.AS_ASKED));
        }
    }

    private static List<String> trace(long seed, Schedule.Seen seen) throws Exception {
        try (Schedule schedule = new Schedule(seed, seen)) {
            try {
                schedule.run();
            } catch (Throwable broken) {
                throw new AssertionError("-Dseed=" + seed + " does it again: " + schedule.trace(), broken);
            }
            return schedule.trace();
        }
    }

    @Test
    void theSameSeedIsTheSameSchedule() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            for (long seed = 1; seed <= 20; seed++) {
                List<String> trace = trace(seed, new Schedule.Seen());
                assertThat(trace(seed, new Schedule.Seen())).isEqualTo(trace).hasSizeGreaterThan(40);
                assertThat(trace(seed + 1, new Schedule.Seen())).isNotEqualTo(trace);
            }
            assertThat(log.events()).isNotEmpty();
        }
    }

    @Test
    void aScheduleThatBreaksSaysItsSeedAndWhatItDid() {
        Schedule.Seen unbelieving = new Schedule.Seen() {
            @Override
            void closed(String reason) {
                throw new AssertionError("a planted fault");
            }
        };
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            assertThatThrownBy(() -> trace(5, unbelieving))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("-Dseed=5 does it again: [")
                    .hasMessageContaining("connects");
            assertThat(log.events()).isNotEmpty();
        }
    }
}

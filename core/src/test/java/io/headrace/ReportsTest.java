package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReportsTest {
    private final LogCapture log = LogCapture.of(Endpoint.class);
    private final ManualClock clock = Clock.manual();
    private final Reports reports = new Reports("tcp endpoint 'orders' on *:1", clock);

    @AfterEach
    void stopListening() {
        log.close();
    }

    @Test
    void theFirstOfAReasonIsSaidAtOnce() {
        reports.warn("fault", "10.0.0.1:2", null);
        assertThat(log.warnings()).containsExactly("tcp endpoint 'orders' on *:1: fault: 10.0.0.1:2");
    }

    @Test
    void tenSecondsLongTheRestOfThatReasonIsOnlyCounted() {
        reports.warn("fault", "first", null);
        clock.advance(Duration.ofSeconds(10));
        reports.warn("fault", "second", null);
        assertThat(log.warnings()).hasSize(1);
    }

    @Test
    void theNextLineSaysHowManyWereKeptBack() {
        for (int i = 0; i < 4; i++) {
            reports.warn("fault", "number " + i, null);
        }
        clock.advance(Duration.ofMillis(10_001));
        reports.warn("fault", "last", null);
        assertThat(log.warnings().get(1))
                .isEqualTo("tcp endpoint 'orders' on *:1: fault: last (and 3 more since the last such line)");
    }

    @Test
    void theCountStartsAnewWithEachLine() {
        for (int i = 0; i < 3; i++) {
            reports.warn("fault", "number " + i, null);
            clock.advance(Duration.ofMillis(10_001));
        }
        assertThat(log.warnings()).noneMatch(line -> line.contains("more since"));
    }

    @Test
    void anotherReasonHasALineOfItsOwn() {
        reports.warn("fault", "a", null);
        reports.warn("oversize", "b", null);
        assertThat(log.warnings()).hasSize(2);
    }

    @Test
    void whatIsKeptBackIsNotPutIntoWords() {
        AtomicInteger asked = new AtomicInteger();
        for (int i = 0; i < 3; i++) {
            reports.warn("oversize", () -> "number " + asked.incrementAndGet(), null);
        }
        assertThat(log.warnings()).containsExactly("tcp endpoint 'orders' on *:1: oversize: number 1");
        assertThat(asked).hasValue(1);
    }

    @Test
    void aFaultOfTheApplicationComesWithItsStack() {
        reports.warn("fault", "a", new IllegalStateException("on purpose"));
        assertThat(log.events().get(0).getThrowableProxy().getMessage()).isEqualTo("on purpose");
    }

    @Test
    void whatAPeerDidComesWithoutAStack() {
        reports.warn("oversize", "a", null);
        assertThat(log.events().get(0).getThrowableProxy()).isNull();
    }
}

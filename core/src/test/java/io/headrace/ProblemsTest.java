package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProblemsTest {
    private final Problems problems = new Problems("tcp endpoint 'orders' on *:1");

    @Test
    void whatIsAsExpectedIsNoProblem() {
        problems.expect(true, "backlog", 1, ">= 1");
        assertThat(problems.none()).isTrue();
    }

    @Test
    void aProblemSaysNameValueAndExpectation() {
        problems.expect(false, "backlog", 0, ">= 1");
        assertThat(problems.lines()).containsExactly("backlog: 0 (expected: >= 1)");
    }

    @Test
    void allProblemsAreToldTogether() {
        problems.expect(false, "backlog", 0, ">= 1");
        problems.expect(false, "port", -1, "0 to 65535");
        assertThat(problems)
                .hasToString(
                        "tcp endpoint 'orders' on *:1: backlog: 0 (expected: >= 1); port: -1 (expected: 0 to 65535)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S", "P36501D", "PT9223372036854775807S"})
    void aDurationThatIsNotAboveZeroOrOverAHundredYearsIsAProblem(Duration duration) {
        problems.expectPositive("idle", duration);
        assertThat(problems.lines()).containsExactly("idle: " + duration + " (expected: > 0, at most 100 years)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0.000000001S", "P36500D"})
    void aDurationWithinBoundsIsNoProblem(Duration duration) {
        problems.expectPositive("idle", duration);
        assertThat(problems.none()).isTrue();
    }

    @Test
    void aMissingDurationIsAProblem() {
        problems.expectPositive("idle", null);
        assertThat(problems.lines()).containsExactly("idle: null (expected: > 0, at most 100 years)");
    }
}

package io.headrace;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Everything that is wrong with an endpoint's settings, collected so that it is reported together. */
public final class Problems {
    private final String subject;
    private final List<String> lines = new ArrayList<>();

    Problems(String subject) {
        this.subject = subject;
    }

    /** Adds {@code name: value (expected: expected)} unless {@code ok}. */
    public void expect(boolean ok, String name, Object value, String expected) {
        if (!ok) {
            lines.add(name + ": " + value + " (expected: " + expected + ")");
        }
    }

    /** Expects a duration above zero and within what nanoseconds can count. */
    public void expectPositive(String name, Duration value) {
        expect(
                value != null && value.compareTo(Duration.ZERO) > 0 && value.compareTo(Duration.ofDays(36_500)) <= 0,
                name,
                value,
                "> 0, at most 100 years");
    }

    boolean none() {
        return lines.isEmpty();
    }

    /** All of them, one a line. */
    public List<String> lines() {
        return List.copyOf(lines);
    }

    @Override
    public String toString() {
        return subject + ": " + String.join("; ", lines);
    }
}

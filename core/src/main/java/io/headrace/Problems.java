package io.headrace;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything that is wrong with an endpoint, or may surprise, collected so that it is told together. Transports and stages add to it, all
 * in the same way.
 */
public final class Problems {
    private final String subject;
    private final List<Finding> findings = new ArrayList<>();

    Problems(String subject) {
        this.subject = subject;
    }

    /** Adds {@code name: value (expected: expected)} unless {@code ok}: with it an endpoint does not start. */
    public void expect(boolean ok, String name, Object value, String expected) {
        if (!ok) {
            add(Finding.Level.ERROR, name, value, expected);
        }
    }

    /** Adds {@code name: value (expected: expected)} unless {@code ok}: it starts all the same, and logs this once. */
    public void advise(boolean ok, String name, Object value, String expected) {
        if (!ok) {
            add(Finding.Level.WARN, name, value, expected);
        }
    }

    /** Adds something that is as it should be: only {@link Endpoint#check()} tells. */
    public void note(String name, Object value) {
        add(Finding.Level.OK, name, value, "");
    }

    private void add(Finding.Level level, String name, Object value, String expected) {
        findings.add(new Finding(level, name, String.valueOf(value), expected));
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
        return findings().good();
    }

    /** All that keep it from starting, one a line. */
    public List<String> lines() {
        return findings().of(Finding.Level.ERROR).stream()
                .map(Finding::toString)
                .toList();
    }

    /** All, with what is only advice or as it should be. */
    public Findings findings() {
        return new Findings(subject, findings);
    }

    /** All that keep it from starting, in one line. */
    @Override
    public String toString() {
        return subject + ": " + String.join("; ", lines());
    }
}

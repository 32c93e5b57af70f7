package io.headrace;

import java.time.Duration;

/**
 * How a server, or one endpoint of it, is stopped.
 *
 * <p>Where a balancer needs a while to notice that a server is not ready any more (Kubernetes takes endpoints out of its tables only after it
 * has sent SIGTERM), accepting goes on for the delay; the grace begins when accepting stops. The whole takes at most delay and grace
 * together.
 *
 * @param grace how long what is open may take to end by itself; beyond what nanoseconds can count (292 years) it is cut
 * @param delay how long accepting goes on
 */
public record Drain(Duration grace, Duration delay) {
    private static final Duration LONGEST = Duration.ofDays(36_500);

    /** {@code grace: PT-1S (expected: >= 0)}. */
    public Drain {
        grace = orLongest("grace", grace);
        delay = orLongest("delay", delay);
    }

    private static Duration orLongest(String name, Duration duration) {
        if (duration == null || duration.isNegative()) {
            throw new IllegalArgumentException(name + ": " + duration + " (expected: >= 0)");
        }
        return duration.compareTo(LONGEST) < 0 ? duration : LONGEST;
    }

    /** Accepting stops at once; what is open may take so long to end by itself. */
    public static Drain within(Duration grace) {
        return new Drain(grace, Duration.ZERO);
    }

    /** Accepting stops after {@code delay} only; until then nothing is asked to end. */
    public Drain after(Duration delay) {
        return new Drain(grace, delay);
    }

    /** As the log has it. */
    @Override
    public String toString() {
        String within = "for at most " + Text.of(grace);
        return delay.isZero() ? within : "accepting for " + Text.of(delay) + " more, then " + within;
    }
}

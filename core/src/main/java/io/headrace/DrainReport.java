package io.headrace;

import java.time.Duration;

/**
 * How a server, or one endpoint of it, stopped.
 *
 * @param graceful connections that ended by themselves once asked
 * @param forced connections cut off when the grace was over; the log lists the first ten of each endpoint
 * @param droppedBytes bytes that were queued toward connections when these were cut off
 * @param delay how long accepting went on before it stopped, part of {@code duration}
 * @param duration from the call of {@code stop} to the end
 */
public record DrainReport(int graceful, int forced, long droppedBytes, Duration delay, Duration duration) {
    static final DrainReport NOTHING = new DrainReport(0, 0, 0, Duration.ZERO, Duration.ZERO);

    /** With what another drain counted, and this one's times. */
    DrainReport plus(DrainReport other) {
        return new DrainReport(
                graceful + other.graceful, forced + other.forced, droppedBytes + other.droppedBytes, delay, duration);
    }

    @Override
    public String toString() {
        return graceful + " graceful, " + forced + " forced, " + droppedBytes + " bytes dropped, "
                + duration.toMillis() + " ms"
                + (delay.isZero() ? "" : ", for " + delay.toMillis() + " ms of them accepting");
    }
}

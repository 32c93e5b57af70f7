package io.headrace;

import java.time.Duration;

/**
 * How a server stopped.
 *
 * @param graceful connections that ended by themselves once asked
 * @param forced connections cut off when the grace was over
 * @param droppedBytes bytes that were queued toward connections when these were cut off
 * @param duration from the call of {@code stop} to the end
 */
public record DrainReport(int graceful, int forced, long droppedBytes, Duration duration) {

    @Override
    public String toString() {
        return graceful + " graceful, " + forced + " forced, " + droppedBytes + " bytes dropped, " + duration.toMillis()
                + " ms";
    }
}

package io.headrace;

/** Looks at one connection at a time, at a coarse interval. */
@FunctionalInterface
public interface Sweep {

    /**
     * Event loop only. May close the connection.
     *
     * @param nowNs on the same clock as the times of {@code progress}: it stands still while the process is stopped
     */
    void check(Connection<?> connection, Progress progress, long nowNs);
}

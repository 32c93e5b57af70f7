package io.headrace;

/** Looks at one connection at a time, at a coarse interval. */
@FunctionalInterface
public interface Sweep {

    /** Event loop only. May close the connection. */
    void check(Connection<?> connection, Progress progress, long nowNs);
}

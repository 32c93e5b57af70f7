package io.headrace;

/** How one event loop is doing. Any thread. */
public interface LoopHealth {

    /** The name of the loop's thread. */
    String name();

    /** How late the loop ran its last periodic check, in nanoseconds. */
    long lagNs();

    /** The share of one processor that the loop used lately, 0 to 1. */
    double utilization();
}

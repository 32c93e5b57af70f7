/**
 * {@code headrace load}: sends requests to a server on a schedule, and says what came of them.
 *
 * <pre>
 *   command line -> Plan -> Run -- one Lane per event loop -- Flows (a connection each) -- Wire (the socket)
 *                            |         |
 *                            |         +-- Pacer: when requests are due, in closed form
 *                            |         +-- Recorder: histograms and counts, plain fields of the loop
 *                            |
 *                            +-- each interval: every Lane hands over its Slice, slices are added up
 *                            |
 *                          Report -> table, live line, JSON, CSV, HdrHistogram log; Verdict and Gates -> exit code
 * </pre>
 *
 * <ul>
 *   <li>A <b>Plan</b> is what was asked for, as a value. A <b>Run</b> is one execution of it.
 *   <li>A <b>Flow</b> is one connection for as long as the run lasts: it connects, asks, takes answers, connects again when it was cut.
 *   <li>A <b>Slice</b> is what was recorded in some stretch of time. Slices are added, never averaged: over loops, intervals and shards.
 *   <li>A <b>Report</b> is all slices of a run with what it ran on. It can be written as JSON and read back without loss.
 * </ul>
 *
 * <p>Everything of a lane happens on its event loop; only whole slices leave it. Times are nanoseconds of {@link System#nanoTime}.
 */
package io.headrace.bench.load;

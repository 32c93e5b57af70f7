/**
 * {@code headrace compare}: servers side by side in alternating rounds.
 *
 * <p>All {@link io.headrace.bench.compare.Entrant}s are up at once, each in a process of its own on one core; the {@link
 * io.headrace.bench.compare.Generator}, a JVM too, loads one at a time from another core. Each round gives one {@link
 * io.headrace.bench.compare.Sample} per server; ratios are made within a round, so that a machine that drifts does not matter.
 */
package io.headrace.bench.compare;

/** Netty by hand: what both the baselines and the load tool stand on. */
package io.headrace.bench.netty;

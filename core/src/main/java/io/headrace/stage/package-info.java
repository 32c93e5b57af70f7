/**
 * Stages that stand on every transport, because they know no socket. They use only what {@link io.headrace} shows to everybody, so
 * whatever they do, a stage of your own can do.
 */
package io.headrace.stage;

/**
 * An endpoint is an immutable value: transport, stages, handler.
 *
 * <pre>
 *           one endpoint, one channel                                                      io.headrace.Slot
 *
 *   socket -> ADMISSION PREFACE PEER LIVENESS SECURITY WIRE FRAMING     bytes    ChannelStage: Netty handlers, or only a Watch
 *          -> CODEC                                                     bytes to messages and back
 *          -> PRESSURE                                                  stops reading from a peer that does not read
 *          -> MEASURE LIMIT DEADLINE ORDER EXECUTE                      messages MessageStage: wraps the Handler
 *          -> handler, session or script                                yours
 *
 *   Plan --(reply, sessions, ...)--> Endpoint --start--> Server
 *                                       |                   |
 *                     what will be: Transport, Stage,    what runs: OpenEndpoint (what all loops share)
 *                     Codec, Handler                                OpenLoop     (plain fields of one event loop)
 *                                                                   Line         (one channel)
 * </pre>
 *
 * <p>Start with {@code Tcp.listen} or {@code Udp.listen} in the transports; then {@link io.headrace.Handler}, {@link
 * io.headrace.Exchange} and {@link io.headrace.Session} for what an endpoint does, {@link io.headrace.Stage} for what stands on its
 * line, {@link io.headrace.Server} for its life and {@link io.headrace.Loops} for its threads. Types whose description says "for
 * transports" are for those who write one.
 */
package io.headrace;

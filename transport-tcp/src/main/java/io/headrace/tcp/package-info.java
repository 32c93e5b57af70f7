/**
 * Streams: TCP and Unix-domain sockets, with framing and the clocks and bounds that streams need.
 *
 * <pre>
 *  listen:  StreamListener -> Acceptor -> StreamLoop (one per event loop) -> StreamConnection (one per connection)
 *  connect: StreamClient ---------------------^                                   ^
 *  greet (epoll): Acceptor -> FreshConnection, no channel ------ grows if needed -'
 *
 *  socket -> Inflow counts -> [your handlers, FrameCodec] -> StreamConnection -> codec -> OrderedExchanges -> handler
 *  socket <- SentCounter (only with handlers) <- [...] <- Outflow: one flush per batch <- codec <- replies and sends
 *                                                    Lingering: after the last byte, until the peer has finished too
 * </pre>
 *
 * <p>{@link io.headrace.tcp.Tcp} and {@link io.headrace.tcp.Unix} begin a setup; TCP, Unix and what may come later differ only in their
 * {@code Sockets}; {@code StreamBackend} alone knows epoll from io_uring.
 */
package io.headrace.tcp;

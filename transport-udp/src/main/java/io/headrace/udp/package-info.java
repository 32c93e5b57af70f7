/**
 * Datagrams: UDP endpoints and clients.
 *
 * <pre>
 *  Udp.listen(8125) -> UdpSetup --(reply, consume, ...)--> Endpoint        Udp.connect(...) -> UdpClientSetup --start--> Client
 *                      UdpTransport, UdpOptions
 *
 *  one socket, one event loop
 *
 *  socket --batch--> SocketEnd   [handlers of stages]  --> UdpSocket ---------> SeparateExchanges -> handler
 *                    counts, drops what is too long        codec, UdpPeer
 *  socket <--flush-- SocketEnd   [handlers of stages]  <-- Outflow <-----------' replies, sends
 *                    Tally: taken or failed, once          bounded, one flush per batch
 * </pre>
 *
 * <p>Without stages that add handlers, {@code UdpSocket} is the only handler on the line and calls {@code SocketEnd} itself. UDP
 * promises nothing: a datagram may be lost, doubled or overtaken on the way, and neither side hears of it.
 *
 * <p>Start with {@link io.headrace.udp.Udp}.
 */
package io.headrace.udp;

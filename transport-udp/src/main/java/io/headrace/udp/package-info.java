/**
 * Datagrams: UDP and Unix-domain endpoints and clients.
 *
 * <pre>
 *  Udp.listen(8125) -> UdpSetup --(reply, consume, ...)--> Endpoint        Udp.connect(...) -> UdpClientSetup --start--> Client
 *                      UdpTransport, UdpOptions
 *
 *  one socket, one event loop; sockets(n) opens several on one port
 *
 *  socket --batch--> SocketEnd   [handlers of stages]  --> UdpSocket ---------> SeparateExchanges -> handler
 *                    counts, Guards, length                codec, UdpPeer, UdpSessions
 *  socket <--flush-- SocketEnd   [handlers of stages]  <-- Outflow <-----------' replies, sends
 *                    Tally: taken or failed, once          bounded, one flush per batch
 * </pre>
 *
 * <p>Without stages that add handlers, {@code UdpSocket} is the only handler on the line and calls {@code SocketEnd} itself. UDP
 * promises nothing: a datagram may be lost, doubled or overtaken on the way, and neither side hears of it.
 *
 * <p>Start with {@link io.headrace.udp.Udp}, or with {@link io.headrace.udp.UnixDatagram} between processes of one machine.
 */
package io.headrace.udp;

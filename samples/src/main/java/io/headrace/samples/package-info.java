/**
 * Small programs that are also the documentation: one class per sample, run by {@code ./headrace NAME}.
 *
 * <pre>
 *  Samples     the command line
 *  Greet       the document's server    Connect  the document's client    Demo  both in one go
 *  Echo Lines Upper Chat                streams, each with one more idea
 *  Sink                                 datagrams
 *  Snippets SocketCalls                 what README.md and docs/sockets.md quote
 *  Listen Port Console Printer PeerText PythonAddress Loopback MetricsPage   what several of them need
 * </pre>
 */
package io.headrace.samples;

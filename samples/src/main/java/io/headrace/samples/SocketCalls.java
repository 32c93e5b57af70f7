package io.headrace.samples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.headrace.Client;
import io.headrace.CloseReason;
import io.headrace.Codec;
import io.headrace.Connection;
import io.headrace.DrainReport;
import io.headrace.Endpoint;
import io.headrace.Server;
import io.headrace.Session;
import io.headrace.tcp.Tcp;
import io.headrace.tcp.Unix;
import io.headrace.udp.Udp;
import io.netty.buffer.ByteBuf;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** What docs/sockets.md quotes, by tag: the calls of the socket interface and what stands for them here. Each is run by a test. */
final class SocketCalls {

    private SocketCalls() {}

    static Server bindListen(int port) {
        // tag::bind-listen[]
        Endpoint endpoint = Tcp.listen("127.0.0.1", port) // socket() and bind()
                .options(o -> o.backlog(5)) // listen(5)
                .onConnect(connection -> connection.sendAndClose("Thank you for connecting"));
        Server server = endpoint.start(); // Only now is anything open.
        SocketAddress address = server.address(); // getsockname(): which one, after asking for 0
        // end::bind-listen[]
        return address.equals(server.addresses().get(0)) ? server : null;
    }

    // tag::accept[]
    record Visitor(Connection<Object> connection, Consumer<String> print) implements Session<ByteBuf> {

        @Override
        public void opened() { // accept() has returned
            print.accept("Got connection from " + connection.address()); // getpeername()
        }

        @Override
        public void received(ByteBuf bytes) { // recv() has returned some of the stream
            connection.send(bytes); // send()
        }

        @Override
        public boolean peerFinished() { // recv() has returned b''
            return true; // So close(), when everything has left.
        }

        @Override
        public void closed(CloseReason reason) { // Why it ended: for everybody exactly once.
            print.accept("ended: " + reason.tag());
        }
    }
    // end::accept[]

    static Server accept(int port, Consumer<String> print) {
        // tag::accept-start[]
        Server server = Tcp.listen(port)
                .sessions(connection -> new Visitor(connection, print))
                .start();
        // end::accept-start[]
        return server;
    }

    static Server recvSend(int port) {
        // tag::recv-send[]
        Server server = Tcp.listen(port)
                .converse(
                        talk -> { // accept(), on a thread of its own
                            for (ByteBuf bytes; (bytes = talk.receive()) != null; ) { // recv()
                                talk.send(bytes); // send(); waits while the peer does not read
                            }
                        }) // close()
                .start();
        // end::recv-send[]
        return server;
    }

    static void connect(int port, Consumer<String> print) {
        // tag::connect[]
        Client<ByteBuf, Object> client = Tcp.connect("localhost", port).start(); // socket() and connect()
        client.ask("hello")
                .thenAccept(
                        bytes -> { // send() and recv()
                            print.accept(bytes.toString(UTF_8));
                            bytes.release(); // An answer that is a buffer belongs to whoever asked.
                            client.close(); // close()
                        });
        // end::connect[]
    }

    static Server sendto(int port, Consumer<SocketAddress> seen) {
        // tag::sendto[]
        Server server = Udp.listen(port) // socket(AF_INET, SOCK_DGRAM) and bind()
                .handle((datagram, exchange) -> { // recvfrom()
                    seen.accept(exchange.peer().address());
                    exchange.reply(datagram); // sendto(), back to where it came from
                })
                .start();
        // end::sendto[]
        return server;
    }

    static CompletionStage<String> sendtoClient(int port) {
        // tag::sendto-client[]
        Client<String, String> client =
                Udp.connect("127.0.0.1", port).codec(Codec.utf8()).start();
        CompletionStage<String> answer = client.ask("hello"); // sendto() and recvfrom(): either may be lost
        // end::sendto-client[]
        return answer.whenComplete((text, lost) -> client.close());
    }

    static Server unix(Path path) {
        // tag::unix[]
        Server server = Unix.listen(path) // socket(AF_UNIX, SOCK_STREAM), bind(), listen()
                .reply(bytes -> bytes)
                .start();
        // end::unix[]
        return server;
    }

    static CompletableFuture<DrainReport> close(Server server) {
        // tag::close[]
        CompletableFuture<DrainReport> stopped = server.stop(Duration.ofSeconds(5));
        // end::close[]
        return stopped;
    }
}

package io.headrace.samples;

import io.headrace.Client;
import io.headrace.Codec;
import io.headrace.Connection;
import io.headrace.ConnectionInfo;
import io.headrace.Drain;
import io.headrace.DrainReport;
import io.headrace.Endpoint;
import io.headrace.Findings;
import io.headrace.Server;
import io.headrace.Shutdown;
import io.headrace.Slot;
import io.headrace.Stage;
import io.headrace.Workers;
import io.headrace.samples.OrderCodec.Order;
import io.headrace.samples.OrderCodec.Receipt;
import io.headrace.samples.StatsdCodec.Sample;
import io.headrace.stage.Deadline;
import io.headrace.stage.InFlightLimit;
import io.headrace.stage.Metrics;
import io.headrace.stage.RateLimit;
import io.headrace.tcp.ConnectionLimit;
import io.headrace.tcp.Framing;
import io.headrace.tcp.IdleTimeout;
import io.headrace.tcp.Tcp;
import io.headrace.tcp.Unix;
import io.headrace.udp.Udp;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.netty4.NettyAllocatorMetrics;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.handler.codec.LineBasedFrameDecoder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What README.md quotes, by tag. Each is run by a test; the page has a number where the port is a parameter here. */
final class Snippets {

    private Snippets() {}

    static Server greeting(int port) {
        // tag::greeting[]
        Server server = Tcp.listen(port)
                .onConnect(connection -> connection.sendAndClose("Thank you for connecting"))
                .start();
        // end::greeting[]
        return server;
    }

    static Server echo(int port) {
        // tag::echo[]
        Server server = Tcp.listen(port).reply(bytes -> bytes).start();
        // end::echo[]
        return server;
    }

    static Server lines(int port) {
        // tag::lines[]
        Server server = Tcp.listen(port)
                .with(Framing.lines(1_024))
                .codec(Codec.utf8())
                .reply(name -> "Hello, " + name + "!")
                .start();
        // end::lines[]
        return server;
    }

    /** Where somebody else keeps names. */
    interface Directory {
        CompletionStage<String> lookUp(String name);
    }

    static Server linesAsync(int port, Directory directory) {
        // tag::async[]
        Server server = Tcp.listen(port)
                .with(Framing.lines(1_024))
                .codec(Codec.utf8())
                .otherwise((name, outcome) -> "Sorry, " + outcome.tag())
                .replyAsync(directory::lookUp)
                .start();
        // end::async[]
        return server;
    }

    static Server sessions(int port, ChatRoom room) {
        // tag::sessions[]
        Server server = Tcp.listen(port)
                .with(Framing.lines(1_024))
                .codec(Codec.utf8())
                .sessions(me -> new ChatSession(room, me))
                .start();
        // end::sessions[]
        return server;
    }

    static Server conversation(int port) {
        // tag::conversation[]
        Server server = Tcp.listen(port)
                .with(Framing.lines(1_024))
                .codec(Codec.utf8())
                .converse(talk -> {
                    for (String line; (line = talk.receive()) != null; ) {
                        talk.send(line.toUpperCase());
                    }
                })
                .start();
        // end::conversation[]
        return server;
    }

    /** Somebody else's code, which takes its time. */
    interface Names {
        String lookUp(String name);
    }

    static Server blocking(int port, Names names) {
        // tag::blocking[]
        Server server = Tcp.listen(port)
                .with(Framing.lines(1_024))
                .with(RateLimit.of(5_000, Duration.ofSeconds(1)).perAddress(100))
                .with(Deadline.of(Duration.ofSeconds(2)))
                .with(Workers.perConnection().atMost(64).queue(1_000).interrupting())
                .codec(Codec.utf8())
                .otherwise((name, outcome) -> "Sorry, " + outcome.tag())
                .reply(names::lookUp)
                .start();
        // end::blocking[]
        return server;
    }

    /** Where orders go. */
    interface Book {
        Receipt place(Order order);
    }

    static Server production(int port, MeterRegistry registry, Book book) {
        // tag::production[]
        Endpoint orders = Tcp.listen("0.0.0.0", port)
                .named("orders")
                .options(o -> o.backlog(4_096))
                .with(Metrics.to(registry))
                .with(ConnectionLimit.of(10_000).perAddress(100))
                .with(IdleTimeout.after(Duration.ofSeconds(60)))
                .with(Framing.lengthPrefixed(4, 64 * 1_024))
                .with(InFlightLimit.of(50_000))
                .with(Deadline.of(Duration.ofSeconds(2)))
                .with(Workers.perMessage())
                .codec(new OrderCodec())
                .reply(book::place);
        Server server = Server.start(orders); // Several endpoints start all or none.
        // end::production[]
        return server;
    }

    static Findings lookFirst(Endpoint endpoint) {
        // tag::check[]
        Findings findings = endpoint.check(); // Nothing is open, and nothing stays open.
        if (!findings.good()) {
            throw new IllegalStateException(findings.toString());
        }
        // end::check[]
        return findings;
    }

    static CompletableFuture<DrainReport> drainOne(Server server) {
        // tag::drain[]
        Shutdown.hook(Drain.within(Duration.ofSeconds(20)).after(Duration.ofSeconds(5)), server); // On SIGTERM.
        CompletableFuture<DrainReport> stopping = server.stop("orders", Duration.ofSeconds(20)); // Or one of several.
        // end::drain[]
        return stopping;
    }

    static void measureMemory(MeterRegistry registry) {
        // tag::memory[]
        new NettyAllocatorMetrics(PooledByteBufAllocator.DEFAULT).bindTo(registry); // Once for the process.
        // end::memory[]
    }

    static Server closeTheSlowest(Server server) {
        // tag::see[]
        server.connections("orders").stream()
                .max(Comparator.comparing(ConnectionInfo::pendingBytes))
                .flatMap(slowest -> server.connection(slowest.id()))
                .ifPresent(Connection::close);
        // end::see[]
        return server;
    }

    static Server datagrams(int port, MeterRegistry registry, Queue<Sample> samples) {
        // tag::datagrams[]
        Server server = Udp.listen(port)
                .with(Metrics.to(registry))
                .codec(new StatsdCodec())
                .consume(samples::add)
                .start();
        // end::datagrams[]
        return server;
    }

    static Server netty(int port) {
        // tag::netty[]
        Server server = Tcp.listen(port)
                .with(Stage.netty(Slot.FRAMING, "my-frames", () -> new LineBasedFrameDecoder(1_024)))
                .handle((frame, exchange) -> exchange.reply(frame.readableBytes() + " bytes\n"))
                .start();
        // end::netty[]
        return server;
    }

    static Server unix(Path path) {
        // tag::unix[]
        Server server = Unix.listen(path).reply(bytes -> bytes).start();
        // end::unix[]
        return server;
    }

    static CompletionStage<String> client(int port) {
        // tag::client[]
        Client<String, String> client = Tcp.connect("localhost", port)
                .with(Framing.lines(1_024))
                .codec(Codec.utf8())
                .start();
        CompletionStage<String> answer = client.ask("Ada");
        // end::client[]
        return answer.whenComplete((reply, failure) -> client.close());
    }
}

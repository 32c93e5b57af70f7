package io.headrace.tcp;

import io.headrace.Loops.Backend;
import io.headrace.Problems;
import io.netty.channel.Channel;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.socket.DuplexChannel;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;

/** Streams inside one JVM; no backend has a part in them. */
record InMemorySockets(String name, InMemoryOptions options) implements Sockets<InMemoryOptions> {

    @Override
    public InMemorySockets options(InMemoryOptions options) {
        return new InMemorySockets(name, options);
    }

    @Override
    public String transport() {
        return "in-memory";
    }

    @Override
    public String address() {
        return name;
    }

    @Override
    public void check(Problems problems) {
        problems.expect(name != null && !name.isBlank(), "address", name, "not blank");
        options.check(problems);
    }

    @Override
    public List<SocketAddress> resolve(Backend backend) {
        return List.of(new LocalAddress(name));
    }

    @Override
    public Channel server(Backend backend) {
        return new InMemoryServerChannel(options);
    }

    @Override
    public DuplexChannel client(Backend backend) {
        return new InMemoryChannel(options.receiveBufferBytes());
    }

    @Override
    public void prepareServer(Channel server) {}

    @Override
    public void prepare(DuplexChannel channel) {}

    @Override
    public Duration connectTimeout() {
        return Duration.ofSeconds(1); // Never waits: a connection is made, or refused, at once.
    }
}

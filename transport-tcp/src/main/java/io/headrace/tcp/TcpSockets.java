package io.headrace.tcp;

import io.headrace.BindRehearsal;
import io.headrace.Loops;
import io.headrace.Loops.Backend;
import io.headrace.Meter;
import io.headrace.Problems;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** TCP sockets. */
record TcpSockets(List<TcpAddress> addresses, boolean listening, TcpOptions options) implements Sockets<TcpOptions> {

    @Override
    public TcpSockets options(TcpOptions options) {
        return new TcpSockets(addresses, listening, options);
    }

    @Override
    public String transport() {
        return "tcp";
    }

    @Override
    public String address() {
        return addresses.stream().map(TcpAddress::toString).collect(Collectors.joining(", "));
    }

    @Override
    public Set<Meter> meters() {
        return listening ? Meter.OF_LISTENING : Set.of();
    }

    @Override
    public void check(Problems problems) {
        problems.expect(!addresses.isEmpty(), "addresses", addresses, "at least one");
        addresses.forEach(address -> address.check(problems, listening ? 0 : 1));
        problems.expect(options != null, "options", null, "options");
        if (options != null) {
            options.check(problems);
        }
        Set<String> seen = new HashSet<>();
        fixed().forEach(address -> problems.expect(seen.add(address), "address", address, "named once"));
    }

    @Override
    public void rehearse(Problems problems) {
        for (TcpAddress address : addresses) {
            try {
                BindRehearsal.of(
                        problems, "tcp", new InetSocketAddress(address.first(), address.port()), this::tryToBind);
            } catch (UnknownHostException unknown) {
                problems.expect(false, "host", address.host(), "a name that resolves");
            }
        }
    }

    /** Without listening, so that nobody can connect. */
    private void tryToBind(InetSocketAddress address) throws IOException {
        try (Socket socket = new Socket()) {
            socket.setReuseAddress(options.reuseAddress());
            if (options.reusePort()) {
                socket.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            }
            socket.bind(address);
        }
    }

    @Override
    public Set<String> claims() {
        return options == null || options.reusePort()
                ? Set.of()
                : fixed().map(address -> "tcp " + address).collect(Collectors.toSet());
    }

    private Stream<String> fixed() {
        return addresses.stream()
                .filter(address -> listening && address.port() != 0)
                .map(TcpAddress::toString);
    }

    @Override
    public boolean everywhere() {
        return addresses.stream().anyMatch(address -> BindRehearsal.everywhere(address.host()));
    }

    @Override
    public List<SocketAddress> resolve(Backend backend) throws UnknownHostException {
        List<SocketAddress> resolved = new ArrayList<>();
        for (TcpAddress address : addresses) {
            InetAddress[] all = InetAddress.getAllByName(address.host());
            // A listener takes one address per name: several would get several ports where the port is 0.
            for (InetAddress each : listening ? new InetAddress[] {all[0]} : all) {
                resolved.add(new InetSocketAddress(each, address.port()));
            }
        }
        return resolved;
    }

    @Override
    public Channel server(Backend backend) {
        return StreamBackend.tcpServer(backend);
    }

    @Override
    public Loops greeters(Loops given) {
        return StreamBackend.greeters(given);
    }

    @Override
    public Channel greeter(Backend backend) throws IOException {
        return StreamBackend.tcpGreeter(backend, options);
    }

    @Override
    public DuplexChannel client(Backend backend) {
        return StreamBackend.tcp(backend);
    }

    @Override
    public void prepareServer(Channel server) {
        ChannelConfig config = server.config();
        config.setOption(ChannelOption.SO_BACKLOG, options.backlog());
        config.setOption(ChannelOption.SO_REUSEADDR, options.reuseAddress());
        if (options.reusePort()) {
            StreamBackend.reusePort(server);
        }
        if (options.receiveBufferBytes()
                > 0) { // Accepted sockets inherit it, and the window scale is settled in the handshake.
            config.setOption(ChannelOption.SO_RCVBUF, options.receiveBufferBytes());
        }
        if (options.keepAlive()) {
            StreamBackend.keepAliveInherited(server); // One system call per listener, not one per connection.
        }
    }

    @Override
    public void prepare(DuplexChannel channel) {
        ChannelConfig config = channel.config();
        if (options.keepAlive() && !StreamBackend.inheritsKeepAlive(channel)) {
            config.setOption(ChannelOption.SO_KEEPALIVE, true);
        }
        if (!options.noDelay()) { // Netty has set it already.
            config.setOption(ChannelOption.TCP_NODELAY, false);
        }
        if (options.sendBufferBytes() > 0) {
            config.setOption(ChannelOption.SO_SNDBUF, options.sendBufferBytes());
        }
        if (channel.parent() == null && options.receiveBufferBytes() > 0) {
            config.setOption(ChannelOption.SO_RCVBUF, options.receiveBufferBytes());
        }
    }

    @Override
    public Duration connectTimeout() {
        return options.connectTimeout();
    }
}

package io.headrace.tcp;

import io.headrace.Loops.Backend;
import io.headrace.Problems;
import io.headrace.UnixPath;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** Unix-domain sockets. */
record UnixSockets(Path path, UnixOptions options) implements Sockets<UnixOptions> {

    @Override
    public UnixSockets options(UnixOptions options) {
        return new UnixSockets(path, options);
    }

    @Override
    public String transport() {
        return "unix";
    }

    @Override
    public String address() {
        return String.valueOf(path);
    }

    @Override
    public void check(Problems problems) {
        problems.expect(options != null, "options", null, "options");
        if (options != null) {
            place().check("path", problems);
            options.check(problems);
        }
    }

    @Override
    public void rehearse(Problems problems) {
        place().rehearse("path", problems);
    }

    @Override
    public Set<String> claims() {
        return Set.of("unix " + path);
    }

    @Override
    public List<SocketAddress> resolve(Backend backend) {
        return List.of(StreamBackend.unixAddress(backend, path));
    }

    private UnixPath place() {
        return UnixPath.of(path).mode(options.mode()).group(options.group());
    }

    @Override
    public Channel server(Backend backend) {
        return StreamBackend.unixServer(backend);
    }

    @Override
    public Bound bind(Channel server, Backend backend, SocketAddress address) throws Exception {
        // Under a name of its own: Netty deletes what it was told to bind to, when it binds and when it closes.
        UnixPath.Claim claim =
                place().claim(born -> StreamListener.require(server.bind(StreamBackend.unixAddress(backend, born))));
        server.attr(ADDRESS).set(address);
        return new Bound(address, claim::release);
    }

    @Override
    public DuplexChannel client(Backend backend) {
        return StreamBackend.unix(backend);
    }

    @Override
    public void prepareServer(Channel server) {
        ChannelConfig config = server.config();
        config.setOption(ChannelOption.SO_BACKLOG, options.backlog());
        if (options.receiveBufferBytes() > 0) {
            config.setOption(ChannelOption.SO_RCVBUF, options.receiveBufferBytes());
        }
    }

    @Override
    public void prepare(DuplexChannel channel) {
        ChannelConfig config = channel.config();
        if (options.receiveBufferBytes() > 0) {
            config.setOption(ChannelOption.SO_RCVBUF, options.receiveBufferBytes());
        }
        if (options.sendBufferBytes() > 0) {
            config.setOption(ChannelOption.SO_SNDBUF, options.sendBufferBytes());
        }
    }

    @Override
    public Duration connectTimeout() {
        return options.connectTimeout();
    }
}

package io.headrace.tcp;

import io.headrace.Loops.Backend;
import io.headrace.Problems;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import java.net.BindException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

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
        return path.toString();
    }

    @Override
    public void check(Problems problems) {
        problems.expect(!path.toString().isEmpty(), "path", "''", "not empty");
        options.check(problems);
    }

    @Override
    public List<SocketAddress> resolve(Backend backend) {
        return List.of(StreamBackend.unixAddress(backend, path));
    }

    @Override
    public Channel server(Backend backend) throws BindException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            // Netty's natives unlink whatever stands there before they bind, the socket of a running server too.
            throw new BindException("Address already in use");
        }
        return StreamBackend.unixServer(backend);
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

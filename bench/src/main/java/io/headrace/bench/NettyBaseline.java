package io.headrace.bench;

import io.headrace.bench.RawNetty.DatagramEcho;
import io.headrace.bench.RawNetty.Discard;
import io.headrace.bench.RawNetty.Echo;
import io.headrace.bench.RawNetty.Greeting;
import io.headrace.bench.RawNetty.LingeringGreeting;
import io.headrace.bench.Serving.GreetingClose;
import io.headrace.bench.load.Scheme;
import io.headrace.bench.netty.RawBackend;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.util.Version;
import java.net.SocketAddress;
import java.util.Locale;
import java.util.Optional;

/** {@link RawNetty}, the baseline that ratios are to. */
final class NettyBaseline implements Baseline {
    private final RawNetty server;
    private final RawBackend backend;
    private final GreetingClose close;
    private final boolean batch;
    private final SslContext tls;

    NettyBaseline(Serving.Choices choices) {
        backend = RawBackend.valueOf(Serving.Choices.orBest(choices.backend()).name());
        close = choices.close();
        batch = choices.batch();
        tls = choices.tls();
        server = new RawNetty(backend, choices.loops(), Serving.LOOP_NAME);
    }

    @Override
    public SocketAddress listen(Target.Service service, SocketAddress address, Scheme scheme) throws Exception {
        return switch (scheme) {
            case TCP, UNIX -> server.listen(address, streamHandler(service));
            case TLS -> server.listen(address, new RawNetty.Tls(tls), streamHandler(service));
            case UDP ->
                server.listenForDatagrams(
                        address, service == Target.Service.DISCARD ? new Discard() : new DatagramEcho(), batch);
            case UNIXGRAM -> throw new UnsupportedOperationException("raw Netty has no Unix datagrams here");
        };
    }

    private ChannelHandler streamHandler(Target.Service service) {
        return switch (service) {
            case GREET -> close == GreetingClose.LINGER ? new LingeringGreeting() : new Greeting();
            case ECHO -> new Echo();
            case DISCARD -> new Discard();
        };
    }

    @Override
    public String version() {
        return nettyVersion();
    }

    static String nettyVersion() {
        return "Netty "
                + Optional.ofNullable(Version.identify().get("netty-common"))
                        .map(Version::artifactVersion)
                        .orElse("of an unknown version");
    }

    @Override
    public String transport() {
        return backend.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public void close() {
        server.close();
    }
}

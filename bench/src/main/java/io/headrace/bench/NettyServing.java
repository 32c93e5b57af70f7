package io.headrace.bench;

import io.headrace.CannotStartException;
import io.headrace.bench.RawNetty.DatagramEcho;
import io.headrace.bench.RawNetty.Discard;
import io.headrace.bench.RawNetty.Echo;
import io.headrace.bench.RawNetty.Greeting;
import io.headrace.bench.RawNetty.LingeringGreeting;
import io.netty.channel.ChannelHandler;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/** Targets on {@link RawNetty}. */
final class NettyServing implements Serving {
    private final RawNetty server;
    private final List<Target> targets;

    private NettyServing(RawNetty server, List<Target> targets) {
        this.server = server;
        this.targets = targets;
    }

    static Serving start(Choices choices, List<Target> targets) {
        RawNetty server = new RawNetty(RawBackend.valueOf(choices.backend().name()), choices.loops(), LOOP_NAME);
        List<Target> bound = new ArrayList<>();
        for (Target target : targets) {
            try {
                bound.add(target.boundTo(listen(server, choices.close(), target)));
            } catch (Exception cause) {
                server.close();
                throw new CannotStartException("cannot start " + target + ": " + words(cause), cause);
            }
        }
        return new NettyServing(server, List.copyOf(bound));
    }

    private static SocketAddress listen(RawNetty server, GreetingClose close, Target target) throws Exception {
        SocketAddress address = resolved(target.address());
        return target.scheme() == Target.Scheme.UDP
                ? server.listenForDatagrams(
                        address, target.service() == Target.Service.DISCARD ? new Discard() : new DatagramEcho())
                : server.listen(address, streamHandler(target.service(), close));
    }

    private static ChannelHandler streamHandler(Target.Service service, GreetingClose close) {
        return switch (service) {
            case GREET -> close == GreetingClose.LINGER ? new LingeringGreeting() : new Greeting();
            case ECHO -> new Echo();
            case DISCARD -> new Discard();
        };
    }

    private static SocketAddress resolved(SocketAddress address) throws UnknownHostException {
        if (address instanceof UnixDomainSocketAddress) {
            return address;
        }
        InetSocketAddress wanted = (InetSocketAddress) address;
        InetSocketAddress resolved = new InetSocketAddress(wanted.getHostString(), wanted.getPort());
        if (resolved.isUnresolved()) {
            throw new UnknownHostException("unknown host");
        }
        return resolved;
    }

    /** The operating system's words, without the name of the call that Netty's natives put before them. */
    private static String words(Exception cause) {
        String message = cause.getMessage();
        return message == null
                ? cause.getClass().getSimpleName()
                : message.replaceFirst("^\\w+\\(\\.\\.\\) failed with error\\(-?\\d+\\): ", "");
    }

    @Override
    public List<Target> targets() {
        return targets;
    }

    @Override
    public void untilShutdown() throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "netty-shutdown"));
        server.awaitClosed();
    }

    @Override
    public void close() {
        server.close();
    }
}

package io.headrace.bench;

import io.headrace.Endpoint;
import io.headrace.Loops;
import io.headrace.Server;
import io.headrace.Shutdown;
import io.headrace.stage.Metrics;
import io.headrace.tcp.StreamSetup;
import io.headrace.tcp.Tcp;
import io.headrace.tcp.TcpOptions;
import io.headrace.tcp.Unix;
import io.headrace.udp.Udp;
import io.headrace.udp.UdpSetup;
import io.headrace.udp.UnixDatagram;
import io.headrace.udp.UnixDatagramSetup;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Targets on Headrace, as its users write them. */
final class HeadraceServing implements Serving {
    private static final int BACKLOG = 4_096; // As raw Netty has it.

    private final Server server;
    private final String transport;
    private final List<Target> targets;

    private HeadraceServing(Server server, String transport, List<Target> targets) {
        this.server = server;
        this.transport = transport;
        this.targets = targets;
    }

    static Serving start(Choices choices, List<Target> targets) {
        List<Endpoint> endpoints = endpoints(choices, targets);
        Server server = Server.start(endpoints.toArray(Endpoint[]::new));
        List<Target> bound = new ArrayList<>();
        for (int i = 0; i < targets.size(); i++) {
            bound.add(targets.get(i)
                    .boundTo(server.addresses(endpoints.get(i).name()).get(0)));
        }
        return new HeadraceServing(server, loops(choices).backend().toString(), List.copyOf(bound));
    }

    /** What would be started. */
    static List<Endpoint> endpoints(Choices choices, List<Target> targets) {
        return new EndpointPlan(choices).endpoints(targets);
    }

    /** Turns targets into endpoints that share loops and a registry. */
    private static final class EndpointPlan {
        private final Choices choices;
        private final Loops loops;
        private final MeterRegistry registry = new SimpleMeterRegistry();

        EndpointPlan(Choices choices) {
            this.choices = choices;
            loops = loops(choices).threads(choices.loops()).named(LOOP_NAME);
        }

        List<Endpoint> endpoints(List<Target> targets) {
            List<Endpoint> endpoints = new ArrayList<>();
            for (Target target : targets) {
                endpoints.add(endpoint(target, target.service() + "-" + (endpoints.size() + 1)));
            }
            return endpoints;
        }

        private Endpoint endpoint(Target target, String name) {
            return switch (target.scheme()) {
                case TCP -> stream(target.service(), tcp(target).named(name));
                case TLS ->
                    stream(
                            target.service(),
                            tcp(target)
                                    .with(NettyTls.stage(choices.tls(), target.service()))
                                    .named(name));
                case UNIX -> {
                    UnixDomainSocketAddress address = (UnixDomainSocketAddress) target.address();
                    yield stream(
                            target.service(),
                            Unix.listen(address.getPath())
                                    .options(options -> options.backlog(BACKLOG))
                                    .named(name));
                }
                case UNIXGRAM -> {
                    UnixDomainSocketAddress address = (UnixDomainSocketAddress) target.address();
                    yield unixDatagrams(
                            target.service(),
                            UnixDatagram.listen(address.getPath()).named(name));
                }
                case UDP -> {
                    InetSocketAddress address = (InetSocketAddress) target.address();
                    yield datagrams(
                            target.service(),
                            Udp.listen(address.getHostString(), address.getPort())
                                    .named(name));
                }
            };
        }

        private static StreamSetup<TcpOptions, ByteBuf, Object> tcp(Target target) {
            InetSocketAddress address = (InetSocketAddress) target.address();
            return Tcp.listen(address.getHostString(), address.getPort()).options(options -> options.backlog(BACKLOG));
        }

        private <S> Endpoint stream(Target.Service service, StreamSetup<S, ByteBuf, Object> setup) {
            StreamSetup<S, ByteBuf, Object> whole = setup.loops(loops);
            if (choices.bare()) {
                whole = whole.bare();
            }
            if (choices.metrics()) {
                whole = whole.with(Metrics.to(registry));
            }
            return switch (service) {
                case GREET -> whole.onConnect(connection -> connection.sendAndClose("Thank you for connecting"));
                case ECHO -> whole.reply(bytes -> bytes);
                case DISCARD -> whole.consume(bytes -> {});
            };
        }

        private Endpoint datagrams(Target.Service service, UdpSetup<ByteBuf, Object> setup) {
            UdpSetup<ByteBuf, Object> whole = setup.loops(loops);
            if (choices.bare()) {
                whole = whole.bare();
            }
            if (choices.metrics()) {
                whole = whole.with(Metrics.to(registry));
            }
            return service == Target.Service.DISCARD ? whole.consume(bytes -> {}) : whole.reply(bytes -> bytes);
        }

        private Endpoint unixDatagrams(Target.Service service, UnixDatagramSetup<ByteBuf, Object> setup) {
            UnixDatagramSetup<ByteBuf, Object> whole = setup.loops(loops);
            if (choices.bare()) {
                whole = whole.bare();
            }
            if (choices.metrics()) {
                whole = whole.with(Metrics.to(registry));
            }
            return service == Target.Service.DISCARD ? whole.consume(bytes -> {}) : whole.reply(bytes -> bytes);
        }
    }

    private static Loops loops(Choices choices) {
        return choices.backend() == null ? Loops.auto() : Loops.of(choices.backend());
    }

    @Override
    public String version() {
        return "Headrace on " + NettyBaseline.nettyVersion();
    }

    @Override
    public String transport() {
        return transport;
    }

    @Override
    public List<Target> targets() {
        return targets;
    }

    @Override
    public void untilShutdown() {
        Shutdown.hook(server);
        server.stopped().join();
    }

    @Override
    public void close() {
        server.close();
    }
}

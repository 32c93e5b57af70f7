package io.headrace.samples;

import io.headrace.Endpoint;
import io.headrace.Loops;
import io.headrace.Server;
import io.headrace.Shutdown;
import io.headrace.Text;
import io.headrace.tcp.StreamSetup;
import io.headrace.tcp.Tcp;
import io.headrace.tcp.TcpOptions;
import io.headrace.udp.Udp;
import io.headrace.udp.UdpSetup;
import io.netty.buffer.ByteBuf;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Where a sample listens: the options that all servers share, and their life from start to end. */
final class Listen {
    private static final String LOOPBACK = "127.0.0.1";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec sample;

    @Option(
            names = "--host",
            paramLabel = "HOST",
            description = "Name or address to listen on; 0.0.0.0 serves other machines. Default: this machine only.")
    private String host;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            converter = Port.class,
            description = "Port to listen on; 0 takes any free one. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(
            names = "--transport",
            paramLabel = "NAME",
            defaultValue = "auto",
            converter = LoopsByName.class,
            description = "auto, nio, epoll, kqueue or io_uring: which of the system's interfaces. Default: auto.")
    private Loops loops;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this.")
    private boolean help;

    private Console console;

    /** @param port by default */
    Listen(int port) {
        this.port = port;
    }

    /** Event loops on the interface of this name. */
    static final class LoopsByName implements ITypeConverter<Loops> {
        @Override
        public Loops convert(String name) {
            if (name.equals("auto")) {
                return Loops.shared();
            }
            return Arrays.stream(Loops.Backend.values())
                    .filter(backend -> backend.toString().equals(name))
                    .findFirst()
                    .map(Loops::of)
                    .orElseThrow(() ->
                            new TypeConversionException(name + " (expected: auto, nio, epoll, kqueue or io_uring)"));
        }
    }

    /** Prints what happens on event loops. */
    Printer printer() {
        return new Printer(console());
    }

    private Console console() {
        if (console == null) {
            console = new Console(sample.commandLine().getOut());
        }
        return console;
    }

    /** Whether {@code --host} was given. */
    boolean hasHost() {
        return host != null;
    }

    int port() {
        return port;
    }

    Loops loops() {
        return loops;
    }

    StreamSetup<TcpOptions, ByteBuf, Object> tcp() {
        return Tcp.listen(host(), port).loops(loops);
    }

    UdpSetup<ByteBuf, Object> udp() {
        return Udp.listen(host(), port).loops(loops);
    }

    private String host() {
        return hasHost() ? host : LOOPBACK;
    }

    int serve(Endpoint endpoint, String... clients) {
        return serve(List.of(endpoint), clients);
    }

    /**
     * Serves until the process is told to end (Ctrl-C, SIGTERM) or nobody reads the output any more. Gives the exit status.
     *
     * @param clients commands that talk to it: HOST and PORT stand for the first endpoint's, a name in capitals for the address of the
     *     endpoint of that name
     */
    int serve(List<Endpoint> endpoints, String... clients) {
        Server server = Server.start(endpoints.toArray(Endpoint[]::new));
        Shutdown.hook(server);
        LastWords.of(server);
        String places = places(server, endpoints.get(0));
        console().line("Listening on " + places + ". Ctrl-C ends it. From another terminal:");
        for (String client : clients) {
            console().line("  " + filledIn(client, server, endpoints));
        }
        CompletableFuture.anyOf(server.stopped(), console().abandoned()).join();
        server.close();
        return console().status();
    }

    private static String places(Server server, Endpoint endpoint) {
        return server.addresses(endpoint.name()).stream().map(Text::of).collect(Collectors.joining(" and "));
    }

    private static String filledIn(String client, Server server, List<Endpoint> endpoints) {
        InetSocketAddress first = (InetSocketAddress) server.address();
        String host = first.getAddress().isAnyLocalAddress() ? LOOPBACK : NetUtil.toAddressString(first.getAddress());
        String filled = client.replace("HOST", host).replace("PORT", String.valueOf(first.getPort()));
        for (Endpoint endpoint : endpoints) {
            filled = filled.replace(endpoint.name().toUpperCase(Locale.ROOT), places(server, endpoint));
        }
        return filled;
    }
}

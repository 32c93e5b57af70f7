package io.headrace.bench;

import io.headrace.bench.load.Scheme;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What to serve, and where: {@code greet=tcp://127.0.0.1:9000}, {@code echo=tls://localhost:9443}, {@code echo=udp://[::1]:9002}, {@code echo=unix:/run/echo.sock}.
 *
 * @param address an unresolved {@link InetSocketAddress}, or a {@link UnixDomainSocketAddress}
 */
record Target(Service service, Scheme scheme, SocketAddress address) {

    /** What a server does for who connects. */
    enum Service {
        /** Says "Thank you for connecting" and closes. */
        GREET,
        /** Sends back what comes in. */
        ECHO,
        /** Takes what comes in, and says nothing. */
        DISCARD;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** All that there are, for those who ask for help. */
    static final String FORMS =
            "greet, echo or discard, on tcp://HOST:PORT, tls://HOST:PORT, udp://HOST:PORT (not greet), unix:/PATH or unixgram:/PATH (not greet, Headrace only).";

    private static final String EXAMPLES =
            "as greet=tcp://127.0.0.1:9000, echo=udp://127.0.0.1:9002 or echo=unix:/run/echo.sock";
    private static final Pattern INTERNET =
            Pattern.compile("(tcp|tls|udp)://(\\[[0-9a-fA-F:.%]+]|[^:/\\[\\]]+):([^/]+)");
    private static final Pattern OTHER_TLS = Pattern.compile("(d?tls|ssl|(unix|unixgram|udp)\\+tls):.*");
    private static final Pattern PATH = Pattern.compile("(unix|unixgram):(/.+)");

    /** @throws IllegalArgumentException saying what was expected instead */
    static Target parse(String text) {
        int equals = text.indexOf('=');
        if (equals < 0) {
            throw bad("target", text, EXAMPLES);
        }
        Service service = service(text.substring(0, equals));
        String address = text.substring(equals + 1);
        Matcher internet = INTERNET.matcher(address);
        if (internet.matches()) {
            Scheme scheme = Scheme.valueOf(internet.group(1).toUpperCase(Locale.ROOT));
            String host = internet.group(2).replaceAll("[\\[\\]]", "");
            return target(text, service, scheme, InetSocketAddress.createUnresolved(host, port(internet.group(3))));
        }
        Matcher path = PATH.matcher(address);
        if (path.matches()) {
            Scheme scheme = Scheme.valueOf(path.group(1).toUpperCase(Locale.ROOT));
            return target(text, service, scheme, UnixDomainSocketAddress.of(path.group(2)));
        }
        if (OTHER_TLS.matcher(address).matches()) {
            throw bad("address", address, "tls://HOST:PORT: TLS is served on TCP, not on Unix sockets or datagrams");
        }
        throw bad(
                "address", address, "tcp://HOST:PORT, tls://HOST:PORT, udp://HOST:PORT, unix:/PATH or unixgram:/PATH");
    }

    private static Target target(String text, Service service, Scheme scheme, SocketAddress address) {
        if (scheme.datagrams() && service == Service.GREET) {
            throw bad("target", text, "greet on tcp, tls or unix: nobody connects to a datagram socket");
        }
        return new Target(service, scheme, address);
    }

    private static Service service(String name) {
        List<Service> services = Arrays.asList(Service.values());
        return services.stream()
                .filter(service -> service.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> bad("service", name, "one of " + services));
    }

    private static int port(String digits) {
        try {
            int port = Integer.parseInt(digits);
            if (port >= 0 && port <= 65_535) {
                return port;
            }
        } catch (NumberFormatException noNumber) {
            // Said below.
        }
        throw bad("port", digits, "0 to 65535");
    }

    private static IllegalArgumentException bad(String name, String value, String expected) {
        return new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }

    /** The same, where it is really bound: port 0 has become one. */
    Target boundTo(SocketAddress bound) {
        return address instanceof InetSocketAddress wanted && bound instanceof InetSocketAddress real
                ? new Target(
                        service, scheme, InetSocketAddress.createUnresolved(wanted.getHostString(), real.getPort()))
                : this;
    }

    @Override
    public String toString() {
        if (!(address instanceof InetSocketAddress internet)) {
            return service + "=" + scheme + ":" + address;
        }
        String host = internet.getHostString();
        return service + "=" + scheme + "://" + (host.contains(":") ? "[" + host + "]" : host) + ":"
                + internet.getPort();
    }
}

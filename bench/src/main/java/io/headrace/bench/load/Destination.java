package io.headrace.bench.load;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a load goes: {@code tcp://127.0.0.1:9001}, {@code tls://example.org:443}, {@code unix:/run/echo.sock}.
 *
 * @param host the host as it was written, or null where there is a path
 * @param address resolved, or a path
 */
record Destination(Scheme scheme, String host, SocketAddress address) {

    private static final Pattern INTERNET =
            Pattern.compile("(tcp|tls|udp)://(\\[[0-9a-fA-F:.%]+]|[^:/\\[\\]]+):([0-9]{1,5})");
    private static final Pattern PATH = Pattern.compile("(unix|unixgram):(/.+)");
    private static final int MOST_PORT = 65_535;

    /**
     * Reads an address, and looks its host up.
     *
     * @throws IllegalArgumentException saying what was expected instead
     * @throws UnknownHostException when the host has no address
     */
    static Destination parse(String text) throws UnknownHostException {
        Matcher path = PATH.matcher(text);
        if (path.matches()) {
            Scheme scheme = Scheme.valueOf(path.group(1).toUpperCase(Locale.ROOT));
            return new Destination(scheme, null, UnixDomainSocketAddress.of(path.group(2)));
        }
        Matcher internet = INTERNET.matcher(text);
        if (!internet.matches()) {
            throw new IllegalArgumentException("target: " + text
                    + " (expected: tcp://HOST:PORT, tls://HOST:PORT, udp://HOST:PORT, unix:/PATH or unixgram:/PATH)");
        }
        int port = Integer.parseInt(internet.group(3));
        if (port < 1 || port > MOST_PORT) {
            throw new IllegalArgumentException("port: " + port + " (expected: 1 to " + MOST_PORT + ")");
        }
        String host = internet.group(2).replaceAll("[\\[\\]]", "");
        Scheme scheme = Scheme.valueOf(internet.group(1).toUpperCase(Locale.ROOT));
        return new Destination(scheme, host, new InetSocketAddress(InetAddress.getByName(host), port));
    }

    /** Whether it lies in 127.0.0.0/8, whose addresses are all ours to send from. */
    boolean loopback() {
        return address instanceof InetSocketAddress internet
                && internet.getAddress().isLoopbackAddress()
                && internet.getAddress().getAddress().length == 4;
    }

    @Override
    public String toString() {
        if (!(address instanceof InetSocketAddress internet)) {
            return scheme + ":" + address;
        }
        return scheme + "://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + internet.getPort();
    }
}

package io.headrace.udp;

import io.headrace.Problems;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * A host and a port as they were written, right or wrong.
 *
 * @param lowestPort 0 where the system may choose one
 */
record HostPort(String host, int port, int lowestPort) {

    static HostPort local(String host, int port) {
        return new HostPort(host, port, 0);
    }

    static HostPort local(InetSocketAddress address) {
        return local(host(address), address.getPort());
    }

    static HostPort remote(String host, int port) {
        return new HostPort(host, port, 1);
    }

    static HostPort remote(InetSocketAddress address) {
        return remote(host(address), address.getPort());
    }

    private static String host(InetSocketAddress address) {
        return address.isUnresolved()
                ? address.getHostString()
                : address.getAddress().getHostAddress();
    }

    void check(Problems problems) {
        problems.expect(host != null && !host.isBlank(), "host", host, "a name or an address");
        problems.expect(port >= lowestPort && port <= 65_535, "port", port, lowestPort + " to 65535");
    }

    /** Asks a name service where the host is a name, so never on an event loop. */
    InetSocketAddress resolve() throws UnknownHostException {
        return new InetSocketAddress(InetAddress.getByName(host), port);
    }

    @Override
    public String toString() {
        return (host != null && host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}

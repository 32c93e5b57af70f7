package io.headrace.tcp;

import io.headrace.Problems;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** A host, by name or by number, and a port. Looked up and judged only when something starts. */
record TcpAddress(String host, int port) {

    void check(Problems problems, int minPort) {
        problems.expect(host != null && !host.isBlank(), "host", host, "not blank");
        problems.expect(port >= minPort && port <= 65_535, "port", port, minPort + " to 65535");
    }

    /** The address that a listener takes. May ask a name service. */
    InetAddress first() throws UnknownHostException {
        return InetAddress.getByName(host);
    }

    @Override
    public String toString() {
        return (host != null && NetUtil.isValidIpV6Address(host) ? "[" + host + "]" : host) + ":" + port;
    }
}

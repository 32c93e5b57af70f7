package io.headrace.samples;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Callable;

/**
 * The loopback addresses on which programs look for a server of this machine.
 *
 * <p>The document's programs use the machine's host name, and Debian gives that the address 127.0.1.1: a server on 127.0.0.1 alone would
 * leave the document's client without an answer.
 */
final class Loopback {

    private Loopback() {}

    /** 127.0.0.1, and the IPv4 loopback addresses of the machine's own name. May ask a name service, so it blocks. */
    static InetSocketAddress[] addresses(int port) {
        return addresses(port, Loopback::ofHostName);
    }

    /** @param ofHostName what the machine's name resolves to */
    static InetSocketAddress[] addresses(int port, Callable<InetAddress[]> ofHostName) {
        Set<InetSocketAddress> addresses = new LinkedHashSet<>();
        addresses.add(new InetSocketAddress("127.0.0.1", port));
        try {
            for (InetAddress address : ofHostName.call()) {
                // IPv4 only, as the document's sockets are; and ::1 cannot be bound where IPv6 is switched off.
                if (address.isLoopbackAddress() && address instanceof Inet4Address) {
                    addresses.add(new InetSocketAddress(address, port));
                }
            }
        } catch (Exception nameless) {
            // A machine whose name resolves to nothing: nobody can ask for it by name.
        }
        return addresses.toArray(InetSocketAddress[]::new);
    }

    private static InetAddress[] ofHostName() throws UnknownHostException {
        return InetAddress.getAllByName(InetAddress.getLocalHost().getHostName());
    }
}

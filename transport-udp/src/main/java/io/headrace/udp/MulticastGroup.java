package io.headrace.udp;

import io.headrace.Problems;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;

/**
 * A multicast group to hear from its socket's start to its end: {@code MulticastGroup.of("239.1.2.3").on("eth0").from("10.0.0.7")}.
 *
 * @param address the group's address
 * @param networkInterface the interface to join it on, or null for the first one that can
 * @param source the only sender to hear (source-specific multicast), or null for all
 */
public record MulticastGroup(String address, String networkInterface, String source) {

    /** This group, on the first interface that is up and can. */
    public static MulticastGroup of(String address) {
        return new MulticastGroup(address, null, null);
    }

    /** On this interface. */
    public MulticastGroup on(String networkInterface) {
        return new MulticastGroup(address, networkInterface, source);
    }

    /** From this sender only. */
    public MulticastGroup from(String source) {
        return new MulticastGroup(address, networkInterface, source);
    }

    void check(Problems problems) {
        problems.expect(address != null && !address.isBlank(), "join", address, "the address of a multicast group");
    }

    InetAddress group() throws IOException {
        InetAddress group = InetAddress.getByName(address);
        if (!group.isMulticastAddress()) {
            throw new IOException("join: " + address + " (expected: the address of a multicast group)");
        }
        return group;
    }

    InetAddress onlySender() throws IOException {
        return source == null ? null : InetAddress.getByName(source);
    }

    NetworkInterface found() throws IOException {
        return networkInterface == null ? firstThatCan() : named(networkInterface);
    }

    static NetworkInterface named(String name) throws IOException {
        NetworkInterface found = NetworkInterface.getByName(name);
        if (found == null) {
            throw new IOException("no network interface '" + name + "'");
        }
        return found;
    }

    private static NetworkInterface firstThatCan() throws IOException {
        for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
            if (each.isUp() && each.supportsMulticast() && !each.isLoopback()) {
                return each;
            }
        }
        throw new IOException("no network interface is up and can hear multicast: name one with on(...)");
    }
}

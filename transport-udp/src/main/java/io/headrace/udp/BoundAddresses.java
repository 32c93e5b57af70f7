package io.headrace.udp;

import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The addresses on which datagram servers of this process listen: what comes from one of them is an answer of ours, or wants to look like
 * one. Clients are not among them: they ask, and are answered. Any thread.
 */
final class BoundAddresses {
    /** All of this process, whoever started them: two servers that answer each other need not know of each other. */
    static final BoundAddresses OF_THIS_PROCESS = new BoundAddresses();

    /** A bit for each port: all that most datagrams are compared with. */
    private final AtomicLongArray ports = new AtomicLongArray(65_536 / Long.SIZE);

    /** By port; a list is never changed, and has an address as often as there are sockets. */
    private final Map<Integer, List<InetAddress>> addresses = new ConcurrentHashMap<>();

    /** From now on until it closes. A channel that is bound to no port is none of them. */
    void add(Channel bound) {
        SocketAddress local = bound.localAddress();
        if (local instanceof InetSocketAddress inet) {
            add(inet);
            bound.closeFuture().addListener(closed -> remove(inet));
        }
    }

    private void add(InetSocketAddress local) {
        addresses.compute(local.getPort(), (port, before) -> {
            List<InetAddress> more = before == null ? new ArrayList<>() : new ArrayList<>(before);
            more.add(local.getAddress());
            mark(port, true);
            return List.copyOf(more);
        });
    }

    private void remove(InetSocketAddress local) {
        addresses.compute(local.getPort(), (port, before) -> {
            List<InetAddress> fewer = new ArrayList<>(before);
            fewer.remove(local.getAddress());
            mark(port, !fewer.isEmpty());
            return fewer.isEmpty() ? null : List.copyOf(fewer);
        });
    }

    private void mark(int port, boolean bound) {
        long bit = 1L << port;
        ports.accumulateAndGet(port / Long.SIZE, bit, (bits, one) -> bound ? bits | one : bits & ~one);
    }

    /** Whether any socket is bound to this port, on whatever address. */
    boolean anyOn(int port) {
        return (ports.get(port / Long.SIZE) & 1L << port) != 0;
    }

    /** On which addresses sockets are bound to this port. */
    List<InetAddress> on(int port) {
        return addresses.getOrDefault(port, List.of());
    }
}

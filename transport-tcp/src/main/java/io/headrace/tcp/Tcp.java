package io.headrace.tcp;

import io.headrace.Codec;
import io.headrace.Plan;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;

/** TCP servers and clients. */
public final class Tcp {

    private Tcp() {}

    /** Listens on loopback only (127.0.0.1): who serves others says so with {@link #listen(String, int)}. Port 0: any free one. */
    public static StreamSetup<TcpOptions, ByteBuf, Object> listen(int port) {
        return listen("127.0.0.1", port);
    }

    /** Listens on the first address of this name; {@code "0.0.0.0"} or {@code "::"} for every address of the machine. */
    public static StreamSetup<TcpOptions, ByteBuf, Object> listen(String host, int port) {
        return listen(List.of(new TcpAddress(host, port)));
    }

    /** Listens on all of these addresses, as one endpoint. */
    public static StreamSetup<TcpOptions, ByteBuf, Object> listen(InetSocketAddress... addresses) {
        return listen(Arrays.stream(addresses).map(Tcp::of).toList());
    }

    private static StreamSetup<TcpOptions, ByteBuf, Object> listen(List<TcpAddress> addresses) {
        String name = "tcp-" + (addresses.isEmpty() ? 0 : addresses.get(0).port());
        TcpSockets sockets = new TcpSockets(addresses, true, TcpOptions.DEFAULTS);
        return new StreamSetup<>(Plan.of(new StreamTransport(sockets), name, Codec.raw()), sockets);
    }

    /** Connects to this host; every address of its name is tried in turn. */
    public static ClientSetup<TcpOptions, ByteBuf, Object> connect(String host, int port) {
        return connect(new TcpAddress(host, port));
    }

    /** Connects to this address. */
    public static ClientSetup<TcpOptions, ByteBuf, Object> connect(InetSocketAddress address) {
        return connect(of(address));
    }

    private static ClientSetup<TcpOptions, ByteBuf, Object> connect(TcpAddress address) {
        TcpSockets sockets = new TcpSockets(List.of(address), false, TcpOptions.DEFAULTS);
        String name = "tcp-client-" + address;
        return new ClientSetup<>(Plan.of(new StreamTransport(sockets, false), name, Codec.raw()), sockets);
    }

    private static TcpAddress of(InetSocketAddress address) {
        String host = address.isUnresolved()
                ? address.getHostString()
                : address.getAddress().getHostAddress();
        return new TcpAddress(host, address.getPort());
    }
}

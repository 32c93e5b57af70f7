package io.headrace.udp;

import io.headrace.Codec;
import io.headrace.Meter;
import io.headrace.Plan;
import io.headrace.Stage;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DatagramChannel;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * Where UDP endpoints and clients begin.
 *
 * <pre>{@code
 * Udp.listen(8125).codec(new StatsdCodec()).consume(samples::record).start();
 * }</pre>
 *
 * <p>Nothing is opened or resolved before {@code start()}; bad values are reported then, all together.
 */
public final class Udp {
    private static final String LOOPBACK = "127.0.0.1";

    private Udp() {}

    /** Will receive on this port of the loopback address 127.0.0.1; 0 takes any free port. */
    public static UdpSetup<ByteBuf, Object> listen(int port) {
        return listen(LOOPBACK, port);
    }

    /** Will receive on this address, {@code 0.0.0.0} for all of IPv4; a host name is resolved when the endpoint starts. */
    public static UdpSetup<ByteBuf, Object> listen(String host, int port) {
        return serverSetup(HostPort.local(host, port));
    }

    /** Will receive on this address. */
    public static UdpSetup<ByteBuf, Object> listen(InetSocketAddress address) {
        return serverSetup(HostPort.local(address));
    }

    private static UdpSetup<ByteBuf, Object> serverSetup(HostPort local) {
        UdpTransport transport = new UdpTransport(local, UdpOptions.DEFAULTS, Meter.OF_DATAGRAMS, defaults());
        return new UdpSetup<>(transport, Plan.of(transport, "udp-" + local.port(), Codec.raw()));
    }

    /** What guards a server unless it is replaced. A client is connected: it hears and sends to one peer only. */
    private static List<Stage<? super DatagramChannel>> defaults() {
        return List.of(
                SenderCheck.ownAddress(), // A forged sender must not set the endpoint upon itself (CVE-2024-2169).
                ReplyLimit.times(3)); // Nor aim long replies at somebody else.
    }

    /** Will exchange datagrams with this one peer; a host name is resolved when the client starts. */
    public static UdpClientSetup<ByteBuf, Object> connect(String host, int port) {
        return clientSetup(HostPort.remote(host, port));
    }

    /** Will exchange datagrams with the peer at this address only. */
    public static UdpClientSetup<ByteBuf, Object> connect(InetSocketAddress address) {
        return clientSetup(HostPort.remote(address));
    }

    private static UdpClientSetup<ByteBuf, Object> clientSetup(HostPort peer) {
        UdpTransport transport = new UdpTransport(peer, UdpOptions.DEFAULTS, Meter.OF_DATAGRAMS, List.of());
        return new UdpClientSetup<>(transport, Plan.of(transport, "udp-client-" + peer, Codec.raw()));
    }
}

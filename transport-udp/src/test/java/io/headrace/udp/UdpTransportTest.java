package io.headrace.udp;

import io.headrace.Codec;
import io.headrace.DropReason;
import io.headrace.Loops.Backend;
import io.headrace.Meter;
import io.headrace.Plan;
import io.headrace.contract.RawPeer;
import io.headrace.contract.TransportContract;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DatagramChannel;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Datagrams keep the contract of all transports. */
@ParameterizedClass
@MethodSource("backends")
class UdpTransportTest extends TransportContract<DatagramChannel> {
    @Parameter
    Backend backend;

    @Override
    protected Backend backend() {
        return backend;
    }

    @Override
    protected Plan<DatagramChannel, ByteBuf, Object> listen() {
        return listenOn(new InetSocketAddress("127.0.0.1", 0));
    }

    @Override
    protected Plan<DatagramChannel, ByteBuf, Object> listenOn(SocketAddress taken) {
        // Without the reply limit: the contract's answers are longer than its questions.
        UdpTransport transport = new UdpTransport(
                HostPort.local((InetSocketAddress) taken), UdpOptions.DEFAULTS, Meter.OF_DATAGRAMS, List.of());
        return Plan.of(transport, "udp", Codec.raw());
    }

    @Override
    protected RawPeer dial(SocketAddress server) throws Exception {
        return closing(new DatagramPeer(server));
    }

    @Override
    protected double malformed() {
        return registry.get(Meter.DATAGRAMS_DROPPED.id())
                .tag("reason", DropReason.MALFORMED.tag())
                .functionCounter()
                .count();
    }

    private static final class DatagramPeer implements RawPeer {
        private final DatagramSocket socket = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0));

        DatagramPeer(SocketAddress server) throws IOException {
            socket.connect(server);
            socket.setSoTimeout((int) PATIENCE.toMillis());
        }

        @Override
        public SocketAddress address() {
            return socket.getLocalSocketAddress();
        }

        @Override
        public void say(byte[] message) throws IOException {
            socket.send(new DatagramPacket(message, message.length));
        }

        @Override
        public void say(String message) throws IOException {
            say(message.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String hear() throws IOException {
            DatagramPacket packet = new DatagramPacket(new byte[2_048], 2_048);
            try {
                socket.receive(packet);
            } catch (SocketTimeoutException nothing) {
                throw new AssertionError("nothing came within " + PATIENCE, nothing);
            }
            return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}

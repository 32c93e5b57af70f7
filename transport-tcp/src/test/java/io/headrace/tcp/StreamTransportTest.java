package io.headrace.tcp;

import io.headrace.CloseReason;
import io.headrace.Loops.Backend;
import io.headrace.Plan;
import io.headrace.contract.RawPeer;
import io.headrace.contract.TransportContract;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DuplexChannel;
import java.net.SocketAddress;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** In-memory, TCP and Unix streams keep the contract of all transports. */
@ParameterizedClass
@MethodSource("io.headrace.tcp.Medium#all")
class StreamTransportTest extends TransportContract<DuplexChannel> {
    @Parameter
    Medium medium;

    @Override
    protected Backend backend() {
        return medium.backend();
    }

    @Override
    protected Plan<DuplexChannel, ByteBuf, Object> listen() {
        return Medium.plan(medium.listening()).with(Framing.lines(1_024));
    }

    @Override
    protected Plan<DuplexChannel, ByteBuf, Object> listenOn(SocketAddress taken) {
        return Medium.plan(medium.listeningOn(taken)).with(Framing.lines(1_024));
    }

    @Override
    protected RawPeer dial(SocketAddress server) throws Exception {
        return closing(medium.dial(server));
    }

    @Override
    protected double malformed() {
        return closed(CloseReason.MESSAGE_MALFORMED);
    }
}

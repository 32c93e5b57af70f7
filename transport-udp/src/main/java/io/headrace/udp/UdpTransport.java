package io.headrace.udp;

import io.headrace.Meter;
import io.headrace.OpenEndpoint;
import io.headrace.Problems;
import io.headrace.Slot;
import io.headrace.Stage;
import io.headrace.Transport;
import io.netty.channel.socket.DatagramChannel;
import java.util.List;
import java.util.Set;

/**
 * UDP sockets, as one endpoint wants them.
 *
 * @param place what to bind to; for a client, what to connect to
 * @param defaults the stages that stand on its line unless replaced
 */
record UdpTransport(HostPort place, UdpOptions options, List<Stage<? super DatagramChannel>> defaults)
        implements Transport<DatagramChannel> {
    /** What comes as a whole needs no framing, no preface and no encryption of a stream. */
    private static final Set<Slot> SLOTS = Set.of(
            Slot.ADMISSION,
            Slot.PEER,
            Slot.LIVENESS,
            Slot.WIRE,
            Slot.CODEC,
            Slot.PRESSURE,
            Slot.MEASURE,
            Slot.LIMIT,
            Slot.DEADLINE,
            Slot.ORDER,
            Slot.EXECUTE);

    UdpTransport options(UdpOptions options) {
        return new UdpTransport(place, options, defaults);
    }

    @Override
    public String name() {
        return "udp";
    }

    @Override
    public String address() {
        return place.toString();
    }

    @Override
    public Set<Slot> slots() {
        return SLOTS;
    }

    @Override
    public Set<Meter> meters() {
        return Meter.OF_DATAGRAMS;
    }

    @Override
    public void check(Problems problems) {
        place.check(problems);
        options.check(problems);
    }

    @Override
    public Listener listen(OpenEndpoint endpoint) throws Exception {
        UdpSocket<?, ?> socket = SocketOpening.bind(endpoint, options, place.resolve());
        endpoint.systemDrops(SystemDrops.of(socket.channel().localAddress(), UdpBackend.descriptors(socket.channel())));
        return new UdpListener(socket);
    }
}

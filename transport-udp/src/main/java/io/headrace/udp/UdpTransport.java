package io.headrace.udp;

import io.headrace.BindRehearsal;
import io.headrace.KernelLimits;
import io.headrace.Loops;
import io.headrace.Meter;
import io.headrace.OpenEndpoint;
import io.headrace.Problems;
import io.headrace.Slot;
import io.headrace.Stage;
import io.headrace.Transport;
import io.netty.channel.socket.DatagramChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * UDP sockets, as one endpoint wants them.
 *
 * @param place what to bind to; for a client, what to connect to
 * @param meters what it feeds
 * @param defaults the stages that stand on its line unless replaced
 */
record UdpTransport(
        HostPort place, UdpOptions options, Set<Meter> meters, List<Stage<? super DatagramChannel>> defaults)
        implements Transport<DatagramChannel> {
    /** What comes as a whole needs no framing, no preface and no encryption of a stream. */
    static final Set<Slot> SLOTS = Set.of(
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
        return new UdpTransport(place, options, meters, defaults);
    }

    /** The same where peers have sessions, which count as connections. */
    UdpTransport withSessions() {
        Set<Meter> both = EnumSet.copyOf(Meter.OF_DATAGRAMS);
        both.addAll(Meter.OF_STREAMS);
        return new UdpTransport(place, options, both, defaults);
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
    public Loops loops(Loops given) {
        return UdpBackend.loops(given);
    }

    @Override
    public void check(Problems problems) {
        place.check(problems);
        problems.expect(options != null, "options", null, "options");
        if (options != null) {
            options.check(problems);
            KernelLimits.buffers(problems, options.receiveBufferBytes(), options.sendBufferBytes());
        }
    }

    @Override
    public void rehearse(Problems problems) {
        try {
            BindRehearsal.of(problems, "udp", place.resolve(), this::tryToBind);
        } catch (UnknownHostException unknown) {
            problems.expect(false, "host", place.host(), "a name that resolves");
        }
    }

    private void tryToBind(InetSocketAddress address) throws IOException {
        try (java.net.DatagramSocket socket = new java.net.DatagramSocket(null)) {
            socket.setReuseAddress(options.reusesAddress());
            socket.bind(address);
        }
    }

    @Override
    public Set<String> claims() {
        return options == null || options.reusesAddress() || place.port() == 0 ? Set.of() : Set.of("udp " + place);
    }

    @Override
    public boolean everywhere() {
        return BindRehearsal.everywhere(place.host());
    }

    @Override
    public Listener listen(OpenEndpoint endpoint) throws Exception {
        InetSocketAddress local = place.resolve();
        SystemDrops before = SystemDrops.before(local.getAddress());
        List<UdpSocket<?, ?>> sockets = bind(endpoint, local);
        sockets.forEach(socket -> BoundAddresses.OF_THIS_PROCESS.add(socket.channel()));
        endpoint.reading(Meter.DATAGRAMS_LOST, before.since(address(sockets)));
        return new UdpListener(sockets);
    }

    private List<UdpSocket<?, ?>> bind(OpenEndpoint endpoint, InetSocketAddress local) throws Exception {
        List<UdpSocket<?, ?>> sockets = new ArrayList<>();
        try {
            while (sockets.size() < options.socketsOn(endpoint.openLoops().size())) {
                // The first one finds a free port where the system may choose.
                InetSocketAddress address = sockets.isEmpty() ? local : address(sockets);
                sockets.add(SocketOpening.bind(endpoint, options, address));
            }
            return sockets;
        } catch (Throwable failure) {
            sockets.forEach(socket -> socket.channel().close().awaitUninterruptibly(1, TimeUnit.SECONDS));
            throw failure;
        }
    }

    private static InetSocketAddress address(List<UdpSocket<?, ?>> sockets) {
        return (InetSocketAddress) sockets.get(0).channel().localAddress();
    }
}

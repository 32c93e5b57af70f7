package io.headrace.udp;

import io.headrace.Loops;
import io.headrace.Meter;
import io.headrace.OpenEndpoint;
import io.headrace.Problems;
import io.headrace.Slot;
import io.headrace.Stage;
import io.headrace.Transport;
import io.headrace.UnixPath;
import io.netty.channel.unix.DomainDatagramChannel;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Unix sockets for datagrams, as one endpoint wants them.
 *
 * @param path what to bind to; for a client, what to connect to
 * @param own the path of a client's own socket, or null
 * @param meters what it feeds
 */
record UnixDatagramTransport(UnixPath path, UnixPath own, UdpOptions options, Set<Meter> meters)
        implements Transport<DomainDatagramChannel> {

    UnixDatagramTransport options(UdpOptions options) {
        return new UnixDatagramTransport(path, own, options, meters);
    }

    UnixDatagramTransport path(UnixPath path) {
        return new UnixDatagramTransport(path, own, options, meters);
    }

    /** The same where peers have sessions, which count as connections. */
    UnixDatagramTransport withSessions() {
        Set<Meter> both = EnumSet.copyOf(Meter.OF_DATAGRAMS);
        both.addAll(Meter.OF_STREAMS);
        return new UnixDatagramTransport(path, own, options, both);
    }

    @Override
    public String name() {
        return "unix";
    }

    @Override
    public String address() {
        return path.toString();
    }

    @Override
    public Set<Slot> slots() {
        return UdpTransport.SLOTS;
    }

    /** None: the system tells who sent a datagram, and nobody can forge that. */
    @Override
    public List<Stage<? super DomainDatagramChannel>> defaults() {
        return List.of();
    }

    @Override
    public Loops loops(Loops given) {
        return UdpBackend.loops(given);
    }

    @Override
    public void check(Problems problems) {
        path.check("path", problems);
        if (own != null) {
            own.check("ownPath", problems);
        }
        problems.expect(options != null, "options", null, "options");
        if (options == null) {
            return;
        }
        options.check(problems);
        expectNothingOfIp(problems);
    }

    private void expectNothingOfIp(Problems problems) {
        problems.expect(!options.sharesPort(), "sockets", "several", "1 for a Unix path");
        problems.expect(!options.hearsGroups(), "join", "a multicast group", "none for a Unix path");
        problems.expect(options.timeToLive() == 0, "timeToLive", options.timeToLive(), "0 for a Unix path");
        problems.expect(
                options.multicastTimeToLive() == 0,
                "multicastTimeToLive",
                options.multicastTimeToLive(),
                "0 for a Unix path");
        problems.expect(
                options.multicastInterface() == null,
                "multicastInterface",
                options.multicastInterface(),
                "none for a Unix path");
        problems.expect(options.trafficClass() == 0, "trafficClass", options.trafficClass(), "0 for a Unix path");
        problems.expect(!options.mayBroadcast(), "broadcast", "on", "off for a Unix path");
        problems.expect(!options.asksLocalAddresses(), "localAddresses", "on", "off for a Unix path");
        problems.expect(!options.offloadsReceiving(), "receiveOffload", "on", "off for a Unix path");
    }

    @Override
    public void rehearse(Problems problems) {
        path.rehearse("path", problems);
    }

    @Override
    public Set<String> claims() {
        return Set.of("unix " + path);
    }

    @Override
    public Listener listen(OpenEndpoint endpoint) throws Exception {
        return new UdpListener(List.of(SocketOpening.bind(endpoint, options, path)));
    }
}

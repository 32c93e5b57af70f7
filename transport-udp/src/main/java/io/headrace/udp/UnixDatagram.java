package io.headrace.udp;

import io.headrace.Codec;
import io.headrace.Meter;
import io.headrace.Plan;
import io.headrace.UnixPath;
import io.netty.buffer.ByteBuf;
import java.nio.file.Path;

/**
 * Where endpoints and clients of Unix-domain datagrams (AF_UNIX, SOCK_DGRAM) begin: the handlers, codecs and sessions of UDP, between
 * processes of one machine. On epoll and kqueue; on other loops start says that they have none.
 *
 * <p>Unlike UDP nothing is lost on the way. What a peer's queue has no room for, because the peer does not read, a server drops and counts as {@code
 * send_queue_full}, so it costs nobody else; a client waits for room. A path is created when it is bound, for its owner only, and
 * deleted at the end. A socket that a killed process left there is replaced; anything else is left alone, and starting fails.
 */
public final class UnixDatagram {

    private UnixDatagram() {}

    /** Will receive at this path. */
    public static UnixDatagramSetup<ByteBuf, Object> listen(Path path) {
        UnixDatagramTransport transport = transport(path, null);
        return new UnixDatagramSetup<>(
                transport, Plan.of(transport, "unix-" + transport.path().fileName(), Codec.raw()));
    }

    /** Will send to this path, from a socket without one: nobody can answer. */
    public static UnixDatagramClientSetup<ByteBuf, Object> connect(Path path) {
        return clientSetup(transport(path, null));
    }

    /** Will exchange datagrams with the socket at this path, from a socket at {@code own}. */
    public static UnixDatagramClientSetup<ByteBuf, Object> connect(Path path, Path own) {
        return clientSetup(transport(path, UnixPath.of(own)));
    }

    private static UnixDatagramTransport transport(Path path, UnixPath own) {
        return new UnixDatagramTransport(UnixPath.of(path), own, UdpOptions.DEFAULTS, Meter.OF_DATAGRAMS);
    }

    private static UnixDatagramClientSetup<ByteBuf, Object> clientSetup(UnixDatagramTransport transport) {
        String name = "unix-client-" + transport.path().fileName();
        return new UnixDatagramClientSetup<>(transport, Plan.of(transport, name, Codec.raw()));
    }
}

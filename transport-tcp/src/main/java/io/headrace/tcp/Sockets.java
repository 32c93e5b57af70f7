package io.headrace.tcp;

import io.headrace.Loops;
import io.headrace.Loops.Backend;
import io.headrace.Meter;
import io.headrace.Problems;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.AttributeKey;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * One family of stream sockets: TCP, Unix-domain, in-memory. Everything above treats them alike.
 *
 * @param <S> their options
 */
interface Sockets<S> {

    S options();

    Sockets<S> options(S options);

    /** The value of the {@code network.transport} tag. */
    String transport();

    /** What was asked for, as text. */
    String address();

    /** The meters that it feeds beyond those of every stream. */
    default Set<Meter> meters() {
        return Set.of();
    }

    void check(Problems problems);

    /** See {@link io.headrace.Transport#rehearse}. */
    default void rehearse(Problems problems) {}

    /** See {@link io.headrace.Transport#claims}. */
    default Set<String> claims() {
        return Set.of();
    }

    /** See {@link io.headrace.Transport#everywhere}. */
    default boolean everywhere() {
        return false;
    }

    /** The addresses to bind or connect to, in order. May resolve names, so never on an event loop. */
    List<SocketAddress> resolve(Backend backend) throws Exception;

    /** A listening socket that is still to be bound; fails where it could not be. */
    Channel server(Backend backend) throws Exception;

    /** The threads for connections that are most likely greeted and closed, where those that were given have no short way for them. */
    default Loops greeters(Loops given) {
        return given;
    }

    /**
     * A listening channel for connections that are most likely greeted and closed, its options set; null where the family or the backend
     * has no shorter way for them.
     */
    default Channel greeter(Backend backend) throws IOException {
        return null;
    }

    /**
     * A listening socket that has its place.
     *
     * @param address what peers connect to
     * @param leave gives the place up; runs before the socket closes, on whatever thread
     */
    record Bound(SocketAddress address, Runnable leave) {}

    /** Binds a registered listening socket to one of the addresses that {@link #resolve} gave. */
    default Bound bind(Channel server, Backend backend, SocketAddress address) throws Exception {
        StreamListener.require(server.bind(address));
        return new Bound(server.localAddress(), () -> {});
    }

    /** What peers connect to, where a listening socket does not know it. */
    AttributeKey<SocketAddress> ADDRESS = AttributeKey.valueOf(Sockets.class, "address");

    /** The address that the peer of this channel connected to. */
    static SocketAddress localAddress(Channel channel) {
        Channel server = channel.parent();
        return server != null && server.hasAttr(ADDRESS) ? server.attr(ADDRESS).get() : channel.localAddress();
    }

    DuplexChannel client(Backend backend);

    /** Sets a listening socket's options, before it is bound. */
    void prepareServer(Channel server);

    /** Sets an accepted or connecting socket's options. */
    void prepare(DuplexChannel channel);

    Duration connectTimeout();
}

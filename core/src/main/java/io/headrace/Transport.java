package io.headrace;

import io.netty.channel.Channel;
import java.net.SocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How bytes come and go: tcp, udp, unix, in-memory. For those who write one.
 *
 * @param <C> its channels
 */
public interface Transport<C extends Channel> {

    /** The value of the {@code network.transport} tag: tcp, udp, unix. */
    String name();

    /** What it is bound to, as {@code 127.0.0.1:7000}. */
    String address();

    /** The slots that its line has. */
    Set<Slot> slots();

    /** The meters that it feeds. */
    Set<Meter> meters();

    /** The stages that stand on its line unless replaced, each with its reason. */
    List<Stage<? super C>> defaults();

    /** The threads that its sockets run on, where those that its endpoint was given cannot have them: see {@link Loops#beside}. */
    default Loops loops(Loops given) {
        return given;
    }

    /** Adds what is wrong with its settings, and what of them this machine will not grant. Opens nothing, and does not wait. */
    void check(Problems problems);

    /** Adds what would be in the way of listening now. Only {@link Endpoint#check} asks; may wait, and leaves nothing open. */
    default void rehearse(Problems problems) {}

    /** The addresses that it wants for itself, as text: no two endpoints of a server may want the same. */
    default Set<String> claims() {
        return Set.of();
    }

    /** Whether it listens on every address that the machine has. */
    default boolean everywhere() {
        return false;
    }

    /** Binds, and does not accept yet. Starting thread; a host name may be resolved here. */
    Listener listen(OpenEndpoint endpoint) throws Exception;

    /** A bound endpoint. For transports; its methods are called by one thread at a time, never by an event loop. */
    interface Listener {

        /** The addresses that it is really bound to. */
        List<SocketAddress> addresses();

        /** Lets peers in. */
        void accept();

        /** Lets nobody in any more, after those who already wait in the operating system's queue; closes the listening sockets. */
        void stopAccepting(long timeoutNs);

        /** Asks everything that is open to end by itself, and says how much that is. */
        int drain();

        /** Waits until nothing is open; false when {@code timeoutNs} was not enough. */
        boolean awaitEmpty(long timeoutNs) throws InterruptedException;

        /** Cuts off what is open. */
        Forced force();

        /**
         * The connections that are open now, oldest first; none where the transport has none. Unlike the other methods at any time and by
         * several threads at once.
         *
         * @param timeoutNs how long the event loops may take, together; one that takes longer is left out, and named in the log
         */
        default List<ConnectionInfo> connections(long timeoutNs) {
            return List.of();
        }

        /** The open connection with this id. Otherwise as {@link #connections}. */
        default Optional<Connection<?>> connection(long id, long timeoutNs) {
            return Optional.empty();
        }

        /**
         * What was cut off.
         *
         * @param first the first {@link #MAX_LISTED} of them, where the transport has connections
         */
        record Forced(int connections, long droppedBytes, List<ConnectionInfo> first) {
            /** So many are worth a line in the log. */
            public static final int MAX_LISTED = 10;

            public Forced(int connections, long droppedBytes) {
                this(connections, droppedBytes, List.of());
            }
        }
    }
}

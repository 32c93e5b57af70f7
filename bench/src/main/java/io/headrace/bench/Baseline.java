package io.headrace.bench;

import io.headrace.bench.load.Scheme;
import java.net.SocketAddress;

/** Another project's server on loops of its own, as whoever reads its documentation would write it: what Headrace is compared with. */
interface Baseline extends AutoCloseable {
    /** Of all but raw Netty: {@link Contender} says it first. */
    String NO_TLS = "TLS is served by headrace and netty";

    /** Starts one, with loops and without sockets. */
    @FunctionalInterface
    interface Starter {
        /**
         * The caller closes it.
         *
         * @throws UnsupportedOperationException saying in one line what it has not
         */
        Baseline start(Serving.Choices choices);
    }

    /**
     * Serves one target more. Blocks until it listens.
     *
     * @param address resolved, or a path
     * @return the address that it is really bound to
     * @throws UnsupportedOperationException saying in one line what it has not
     */
    SocketAddress listen(Target.Service service, SocketAddress address, Scheme scheme) throws Exception;

    /** Whose code it is, with the versions that are really on the class path: {@code Netty 4.2.18.Final}. */
    String version();

    /** How it really serves, once it listens: {@code epoll}. */
    String transport();

    /** Ends everything at once. */
    @Override
    void close();
}

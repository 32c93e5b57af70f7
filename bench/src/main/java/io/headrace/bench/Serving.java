package io.headrace.bench;

import io.headrace.CannotStartException;
import io.headrace.Loops;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.util.List;

/** Targets that are being served, all on the same loops. */
interface Serving extends AutoCloseable {

    /**
     * How to serve.
     *
     * @param backend by its name, or null for the best that who serves has
     * @param loops how many event loops, called {@link #LOOP_NAME} and a number
     * @param close how a greeting of raw Netty ends; Headrace has one way, which is safe
     * @param batch whether raw Netty reads datagrams in batches, which only its epoll can; Headrace does by itself
     * @param bare without Headrace's default stages
     * @param metrics with Headrace's meters, in a registry of their own
     * @param tls what {@code tls://} targets are served with, or null where there are none
     */
    record Choices(
            Loops.Backend backend,
            int loops,
            GreetingClose close,
            boolean batch,
            boolean bare,
            boolean metrics,
            SslContext tls) {

        /** The backend where all are known: the one that was asked for, or the best that this machine has. */
        static Loops.Backend orBest(Loops.Backend asked) {
            return asked == null ? Loops.auto().backend() : asked;
        }
    }

    /** How raw Netty ends a greeting. */
    enum GreetingClose {
        /** At once, as examples do: unread input turns it into a reset. */
        ABRUPT,
        /** Shuts output down and reads to the end of the stream, for a second at most. */
        LINGER
    }

    /** Starts serving, all targets or none. */
    @FunctionalInterface
    interface Starter {
        /** @throws CannotStartException saying in one line what was tried and why it failed */
        Serving start(Choices choices, List<Target> targets);
    }

    /** How the threads are called that serve. */
    String LOOP_NAME = "serving-loop";

    /** Whose code serves, with the versions that are really on the class path. */
    String version();

    /** How it really serves, as {@code epoll}. */
    String transport();

    /** What is served, with the ports that are really bound. */
    List<Target> targets();

    /** The port of the first target, which is no path. */
    default int port() {
        return ((InetSocketAddress) targets().get(0).address()).getPort();
    }

    /** Serves until the process is asked to end. */
    void untilShutdown() throws InterruptedException;

    @Override
    void close();
}

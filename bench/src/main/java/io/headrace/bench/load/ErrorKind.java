package io.headrace.bench.load;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.io.FileNotFoundException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.util.Locale;
import javax.net.ssl.SSLException;

/** Why a request or a connection failed. */
enum ErrorKind {
    /** Nobody listens there. */
    REFUSED,
    /** Not connected, and where there is TLS not shaken hands, within the patience. */
    CONNECT_TIMEOUT,
    /** No free local port, or no such local address. */
    NO_LOCAL_PORT,
    /** TLS could not be agreed on, or its record was bad. */
    TLS,
    /** The other side cut the connection off. */
    RESET,
    /** The other side ended the connection before the answer was whole. */
    EOF,
    /** No answer within the patience. */
    TIMEOUT,
    /** What came was not the answer. */
    MISMATCH,
    /** Anything else; the sample says what. */
    OTHER;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    static ErrorKind named(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT).replace(' ', '_'));
    }

    /** What kept a connection from being opened. */
    static ErrorKind ofConnect(Throwable cause) {
        String words = String.valueOf(cause.getMessage());
        // The kernel has a patience of its own, of some two minutes.
        if (cause instanceof ConnectTimeoutException || words.contains("timed out")) {
            return CONNECT_TIMEOUT;
        }
        if (cause instanceof SSLException) {
            return TLS;
        }
        // Netty says this with exceptions of its own. In use is the pair of addresses when every port to it is taken.
        if (cause instanceof BindException
                || words.contains("assign requested address")
                || words.contains("already in use")) {
            return NO_LOCAL_PORT;
        }
        if (cause instanceof NoRouteToHostException || words.contains("unreachable")) {
            return OTHER;
        }
        boolean nobody = cause instanceof ConnectException
                && words.toLowerCase(Locale.ROOT).contains("refused");
        return nobody || cause instanceof FileNotFoundException ? REFUSED : OTHER;
    }

    /** What kept TLS from being agreed on. */
    static ErrorKind ofHandshake(Throwable cause) {
        return cause instanceof SslHandshakeTimeoutException ? CONNECT_TIMEOUT : TLS;
    }

    /** What a datagram socket heard. */
    static ErrorKind ofDatagram(Throwable cause) {
        return cause instanceof PortUnreachableException ? REFUSED : ofConnect(cause);
    }

    /** What broke a connection that was open. */
    static ErrorKind ofOpen(Throwable cause) {
        if (cause instanceof SSLException || cause.getCause() instanceof SSLException) {
            return TLS;
        }
        String words = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        return words.contains("reset") || words.contains("broken pipe") ? RESET : OTHER;
    }
}

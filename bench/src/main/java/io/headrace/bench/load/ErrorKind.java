package io.headrace.bench.load;

import io.netty.channel.ConnectTimeoutException;
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
        if (cause instanceof SSLException) {
            return TLS;
        }
        if (cause instanceof ConnectTimeoutException) {
            return CONNECT_TIMEOUT;
        }
        // Netty's natives say this with a ConnectException of their own.
        if (cause instanceof BindException || words.contains("assign requested address")) {
            return NO_LOCAL_PORT;
        }
        if (cause instanceof NoRouteToHostException || words.contains("unreachable")) {
            return OTHER;
        }
        boolean nobody = cause instanceof ConnectException
                && words.toLowerCase(Locale.ROOT).contains("refused");
        return nobody || cause instanceof FileNotFoundException ? REFUSED : OTHER;
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

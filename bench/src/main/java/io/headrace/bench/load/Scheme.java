package io.headrace.bench.load;

import java.util.Locale;

/** The transport, as the address of a server or a load begins. */
public enum Scheme {
    TCP,
    /** TLS on TCP, and on nothing else. */
    TLS,
    UDP,
    UNIX,
    UNIXGRAM;

    public boolean datagrams() {
        return this == UDP || this == UNIXGRAM;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}

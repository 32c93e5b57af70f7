package io.headrace.bench.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What is asked of each server. */
enum Workload {
    /** Connects, reads to the end of the stream, closes. */
    GREET("connect", 64, 0, 1),
    /** One message in flight per connection. */
    ECHO("echo", 64, 1, 1),
    /** Sixteen messages in flight per connection. */
    PIPE("pipeline", 64, 1, 16),
    /** Datagrams, eight in flight per socket. */
    UDP("udp", 16, 2, 8);

    /** How many ports a server has: greeting, TCP echo and UDP echo, one after the other. */
    static final int PORTS = 3;

    private final String mode;
    private final int connections;
    private final int port;
    private final int window;

    Workload(String mode, int connections, int port, int window) {
        this.mode = mode;
        this.connections = connections;
        this.port = port;
        this.window = window;
    }

    /** The words of {@code headrace load} for it, but for the times. */
    List<String> words(Standing server, Integer connectionsOrDefault, int size) {
        List<String> words = new ArrayList<>(List.of(mode, "-c", Integer.toString(connections(connectionsOrDefault))));
        if (this != GREET) {
            words.addAll(List.of("-s", Integer.toString(size)));
        }
        if (window > 1) {
            words.addAll(List.of("-w", Integer.toString(window)));
        }
        words.add((this == UDP ? "udp" : "tcp") + "://127.0.0.1:" + server.ports()[port]);
        return words;
    }

    int connections(Integer connectionsOrDefault) {
        return connectionsOrDefault == null ? connections : connectionsOrDefault;
    }

    /** As a heading has it. */
    String words(Integer connectionsOrDefault, int size) {
        String each = this == GREET ? "" : ", " + size + " B, " + window + " in flight each";
        return this + ": " + connections(connectionsOrDefault) + (this == UDP ? " sockets" : " connections") + each;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}

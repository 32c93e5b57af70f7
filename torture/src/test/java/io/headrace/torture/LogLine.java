package io.headrace.torture;

import io.headrace.CloseReason;
import io.headrace.DropReason;
import io.headrace.RejectReason;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One event of the server's log. {@code atMs} by the server's own clock; only differences mean anything. */
record LogLine(long atMs, String level, String message, boolean stack) {
    /** As {@code tcp endpoint 'row' on 127.0.0.1:0: frame_too_large: 127.0.0.1:4711 #3: ...}: the reason is a constant of the code. */
    private static final Pattern REPORT =
            Pattern.compile("^((\\w+) endpoint '([^']*)' on .+?): ([a-z_ ]+): (.*)", Pattern.DOTALL);

    private static final Pattern ADDRESS =
            Pattern.compile("(\\d+\\.\\d+\\.\\d+\\.\\d+|\\[[0-9a-f:.]+]):\\d+|\\(unnamed\\)");
    private static final Pattern REST = Pattern.compile(" \\(and (\\d+) more since the last such line\\)$");

    /** Why a connection was closed, refused, or a datagram dropped: of these, each is the doing of one peer. */
    private static final Set<String> OF_PEERS = Stream.of(
                    Stream.of(CloseReason.values()).map(CloseReason::tag),
                    Stream.of(RejectReason.values()).map(RejectReason::tag),
                    Stream.of(DropReason.values()).map(DropReason::tag))
            .flatMap(tags -> tags)
            .collect(Collectors.toSet());

    /** Endpoint and reason, or null for what is no report about trouble with peers. */
    String reason() {
        Matcher report = REPORT.matcher(message);
        return report.find() ? report.group(1) + " " + report.group(4) : null;
    }

    boolean says(String reason) {
        String own = reason();
        return own != null && own.endsWith(" " + reason);
    }

    /** Whether it is about what a peer did, and does not say which. Peers on Unix sockets have no address. */
    boolean hidesItsPeer() {
        Matcher report = REPORT.matcher(message);
        return report.find()
                && !report.group(2).startsWith("unix")
                && OF_PEERS.contains(report.group(4))
                && !ADDRESS.matcher(report.group(5)).find();
    }

    /** The meter that counts what it is about, as {@link Subject#meters} names it, if that is connections that were closed. */
    String closes() {
        Matcher report = REPORT.matcher(message);
        return report.find() ? "headrace.connections.closed " + report.group(4) + " " + report.group(3) : "";
    }

    /** For how many it stands: itself, and those of which it says that nothing was said. */
    int count() {
        Matcher rest = REST.matcher(message);
        return rest.find() ? 1 + Integer.parseInt(rest.group(1)) : 1;
    }
}

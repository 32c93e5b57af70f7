package io.headrace.tcp;

import io.headrace.Meter;
import io.headrace.OpenEndpoint;
import io.netty.channel.Channel;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The system's queues of those who wait to be accepted. Asked when a meter is read, never by an event loop.
 *
 * <p>For a listening socket Linux gives the depth of its queue where a connected one has its unacknowledged segments, and the limit where
 * that has the selectively acknowledged ones (tcp_get_info). Overflows it counts for the whole network namespace only.
 */
record ListenQueue(List<Channel> servers) {
    private static final Path COUNTERS = Path.of("/proc/net/netstat");
    private static final String OVERFLOWS = "ListenOverflows";

    void tell(OpenEndpoint endpoint) {
        endpoint.reading(Meter.LISTEN_QUEUE, this::depth);
        endpoint.reading(Meter.LISTEN_QUEUE_LIMIT, this::limit);
        endpoint.reading(Meter.LISTEN_OVERFLOWS, ListenQueue::overflows);
    }

    /** Of the fullest one. */
    private double depth() {
        return infos().mapToDouble(info -> info.number(RawTcpInfo.UNACKED))
                .max()
                .orElse(Double.NaN);
    }

    private double limit() {
        return infos().mapToDouble(info -> info.number(RawTcpInfo.SACKED)).min().orElse(Double.NaN);
    }

    private Stream<RawTcpInfo> infos() {
        return servers.stream()
                .map(ListenQueue::info)
                .filter(info -> info != null && info.state() == RawTcpInfo.STATE_LISTEN);
    }

    private static RawTcpInfo info(Channel server) {
        Socket socket = StreamBackend.linuxSocket(server);
        return socket == null || !socket.isOpen() ? null : RawTcpInfo.of(socket);
    }

    /** Two lines, names and values, in the same order. */
    private static double overflows() {
        try (Stream<String> lines = Files.lines(COUNTERS, StandardCharsets.US_ASCII)) {
            List<List<String>> tcp = lines.filter(line -> line.startsWith("TcpExt:"))
                    .map(line -> Arrays.asList(line.split(" ")))
                    .toList();
            return Double.parseDouble(tcp.get(1).get(tcp.get(0).indexOf(OVERFLOWS)));
        } catch (IOException | RuntimeException notLinux) {
            return 0;
        }
    }
}

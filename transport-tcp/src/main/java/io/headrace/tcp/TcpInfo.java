package io.headrace.tcp;

import io.headrace.Connection;
import io.netty.channel.unix.Socket;
import java.time.Duration;
import java.util.Optional;

/**
 * How the system sees a TCP connection (tcp(7), TCP_INFO). Linux only, on epoll and io_uring.
 *
 * @param roundTrip the smoothed round-trip time
 * @param roundTripVariation how much that varies
 * @param leastRoundTrip the least seen lately, usually over five minutes
 * @param retransmitTimeout how long the system waits for an acknowledgement before it sends again
 * @param segmentBytes the largest segment that it sends, in bytes
 * @param congestionWindow segments that may be on their way at a time
 * @param unacknowledged segments that were sent and not acknowledged
 * @param lost of those, segments taken for lost
 * @param retransmits segments that were sent again, over the connection's life
 * @param notSentBytes bytes in the socket's send buffer that were not sent once; what Headrace still holds is not among them
 * @param deliveryRate bytes a second that reached the peer lately
 */
public record TcpInfo(
        Duration roundTrip,
        Duration roundTripVariation,
        Duration leastRoundTrip,
        Duration retransmitTimeout,
        long segmentBytes,
        long congestionWindow,
        long unacknowledged,
        long lost,
        long retransmits,
        long notSentBytes,
        long deliveryRate) {

    /**
     * Asks the system, by one call. Any thread.
     *
     * @return empty where the transport is not TCP, where the backend or the system does not tell, and once the connection has ended
     */
    public static Optional<TcpInfo> of(Connection<?> connection) {
        if (!(connection instanceof OnSocket asked)) {
            return Optional.empty();
        }
        Socket socket = asked.socket();
        RawTcpInfo raw = socket == null ? null : RawTcpInfo.of(socket);
        // A fresh connection that has grown meanwhile has handed its socket over, and does not hear of its end.
        return raw == null || asked.socket() != socket ? Optional.empty() : Optional.of(of(raw));
    }

    private static TcpInfo of(RawTcpInfo raw) {
        return new TcpInfo(
                raw.micros(RawTcpInfo.RTT_US),
                raw.micros(RawTcpInfo.RTT_VARIATION_US),
                raw.micros(RawTcpInfo.LEAST_RTT_US),
                raw.micros(RawTcpInfo.RTO_US),
                raw.number(RawTcpInfo.SEND_MSS),
                raw.number(RawTcpInfo.CONGESTION_WINDOW),
                raw.number(RawTcpInfo.UNACKED),
                raw.number(RawTcpInfo.LOST),
                raw.number(RawTcpInfo.TOTAL_RETRANSMITS),
                raw.number(RawTcpInfo.NOT_SENT_BYTES),
                raw.longNumber(RawTcpInfo.DELIVERY_RATE));
    }
}

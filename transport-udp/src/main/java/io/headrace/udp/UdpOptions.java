package io.headrace.udp;

import io.headrace.Problems;
import java.time.Duration;

/**
 * How UDP sockets are set.
 *
 * @param maxDatagramBytes the longest datagram that is delivered, 1 to 65,507 bytes; a longer one is dropped and counted, never
 *     delivered cut. Memory is set aside for it: sixteen of them per read, and not less than two
 * @param receiveBufferBytes the socket's receive buffer (SO_RCVBUF), or 0 for the system's own choice; what does not fit is dropped by
 *     the system
 * @param sendBufferBytes the socket's send buffer (SO_SNDBUF), or 0 for the system's own choice
 * @param answerTimeout how long a client waits for an answer
 */
public record UdpOptions(int maxDatagramBytes, int receiveBufferBytes, int sendBufferBytes, Duration answerTimeout) {

    /** The longest datagram that fits into an Ethernet frame with IPv4 (1,472 bytes), the system's buffers, 5 s for an answer. */
    public static final UdpOptions DEFAULTS = new UdpOptions(1_472, 0, 0, Duration.ofSeconds(5));

    /** The longest datagram that IPv4 can carry. */
    static final int LONGEST_BYTES = 65_507;

    public UdpOptions maxDatagramBytes(int maxDatagramBytes) {
        return new UdpOptions(maxDatagramBytes, receiveBufferBytes, sendBufferBytes, answerTimeout);
    }

    public UdpOptions receiveBufferBytes(int receiveBufferBytes) {
        return new UdpOptions(maxDatagramBytes, receiveBufferBytes, sendBufferBytes, answerTimeout);
    }

    public UdpOptions sendBufferBytes(int sendBufferBytes) {
        return new UdpOptions(maxDatagramBytes, receiveBufferBytes, sendBufferBytes, answerTimeout);
    }

    public UdpOptions answerTimeout(Duration answerTimeout) {
        return new UdpOptions(maxDatagramBytes, receiveBufferBytes, sendBufferBytes, answerTimeout);
    }

    void check(Problems problems) {
        problems.expect(
                maxDatagramBytes >= 1 && maxDatagramBytes <= LONGEST_BYTES,
                "maxDatagramBytes",
                maxDatagramBytes,
                "1 to " + LONGEST_BYTES);
        problems.expect(receiveBufferBytes >= 0, "receiveBufferBytes", receiveBufferBytes, ">= 0");
        problems.expect(sendBufferBytes >= 0, "sendBufferBytes", sendBufferBytes, ">= 0");
        problems.expectPositive("answerTimeout", answerTimeout);
    }
}

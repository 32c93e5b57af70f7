package io.headrace.tcp;

import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.NotYetConnectedException;
import java.time.Duration;

/** What Linux says about a TCP socket: {@code struct tcp_info} of linux/tcp.h, which only ever grows at its end. */
final class RawTcpInfo {
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_INFO = 11;
    /** Up to tcpi_delivery_rate, which Linux has since 4.9; what an older one does not say stays 0. */
    private static final int BYTES = 168;

    static final int STATE_CLOSE = 7;
    static final int STATE_LISTEN = 10;
    static final int RTO_US = 8;
    static final int SEND_MSS = 16;
    static final int UNACKED = 24;
    static final int SACKED = 28;
    static final int LOST = 32;
    static final int RTT_US = 68;
    static final int RTT_VARIATION_US = 72;
    static final int CONGESTION_WINDOW = 80;
    static final int TOTAL_RETRANSMITS = 100;
    static final int NOT_SENT_BYTES = 144;
    static final int LEAST_RTT_US = 148;
    static final int DELIVERY_RATE = 160;

    private final ByteBuffer bytes;

    private RawTcpInfo(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    /** Any thread; null where the system does not say, or the socket has closed meanwhile and its number may be another's already. */
    static RawTcpInfo of(Socket socket) {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.nativeOrder());
        try {
            socket.getRawOpt(IPPROTO_TCP, TCP_INFO, bytes);
        } catch (IOException | NotYetConnectedException gone) {
            return null;
        }
        return socket.isOpen() ? new RawTcpInfo(bytes) : null;
    }

    int state() {
        return bytes.get(0);
    }

    /** The unsigned 32 bits that stand there. */
    long number(int offset) {
        return Integer.toUnsignedLong(bytes.getInt(offset));
    }

    long longNumber(int offset) {
        return bytes.getLong(offset);
    }

    Duration micros(int offset) {
        return Duration.ofNanos(1_000 * number(offset));
    }
}

package io.headrace.tcp;

import io.headrace.KernelLimits;
import io.headrace.Problems;
import java.time.Duration;

/**
 * How TCP sockets are set.
 *
 * @param backlog how many connections may wait in the operating system to be accepted; capped by net.core.somaxconn
 * @param noDelay whether small writes leave at once (TCP_NODELAY)
 * @param keepAlive whether the operating system probes silent peers (SO_KEEPALIVE)
 * @param reuseAddress whether a restart may bind while old connections linger in TIME_WAIT (SO_REUSEADDR)
 * @param reusePort whether several processes may listen on one port (SO_REUSEPORT); not on NIO where the JDK lacks it
 * @param receiveBufferBytes the socket's receive buffer (SO_RCVBUF), or 0 for the system's own choice
 * @param sendBufferBytes the socket's send buffer (SO_SNDBUF), or 0 for the system's own choice
 * @param connectTimeout how long a client waits for the handshake
 */
public record TcpOptions(
        int backlog,
        boolean noDelay,
        boolean keepAlive,
        boolean reuseAddress,
        boolean reusePort,
        int receiveBufferBytes,
        int sendBufferBytes,
        Duration connectTimeout) {

    /** 1,024 waiting, no delay, keepalive, address reused, port not, the system's buffers, 10 s to connect. */
    public static final TcpOptions DEFAULTS =
            new TcpOptions(1_024, true, true, true, false, 0, 0, Duration.ofSeconds(10));

    public TcpOptions backlog(int backlog) {
        return new TcpOptions(
                backlog,
                noDelay,
                keepAlive,
                reuseAddress,
                reusePort,
                receiveBufferBytes,
                sendBufferBytes,
                connectTimeout);
    }

    public TcpOptions noDelay(boolean noDelay) {
        return new TcpOptions(
                backlog,
                noDelay,
                keepAlive,
                reuseAddress,
                reusePort,
                receiveBufferBytes,
                sendBufferBytes,
                connectTimeout);
    }

    public TcpOptions keepAlive(boolean keepAlive) {
        return new TcpOptions(
                backlog,
                noDelay,
                keepAlive,
                reuseAddress,
                reusePort,
                receiveBufferBytes,
                sendBufferBytes,
                connectTimeout);
    }

    public TcpOptions reuseAddress(boolean reuseAddress) {
        return new TcpOptions(
                backlog,
                noDelay,
                keepAlive,
                reuseAddress,
                reusePort,
                receiveBufferBytes,
                sendBufferBytes,
                connectTimeout);
    }

    public TcpOptions reusePort(boolean reusePort) {
        return new TcpOptions(
                backlog,
                noDelay,
                keepAlive,
                reuseAddress,
                reusePort,
                receiveBufferBytes,
                sendBufferBytes,
                connectTimeout);
    }

    public TcpOptions receiveBufferBytes(int receiveBufferBytes) {
        return new TcpOptions(
                backlog,
                noDelay,
                keepAlive,
                reuseAddress,
                reusePort,
                receiveBufferBytes,
                sendBufferBytes,
                connectTimeout);
    }

    public TcpOptions sendBufferBytes(int sendBufferBytes) {
        return new TcpOptions(
                backlog,
                noDelay,
                keepAlive,
                reuseAddress,
                reusePort,
                receiveBufferBytes,
                sendBufferBytes,
                connectTimeout);
    }

    public TcpOptions connectTimeout(Duration connectTimeout) {
        return new TcpOptions(
                backlog,
                noDelay,
                keepAlive,
                reuseAddress,
                reusePort,
                receiveBufferBytes,
                sendBufferBytes,
                connectTimeout);
    }

    void check(Problems problems) {
        problems.expect(backlog >= 1, "backlog", backlog, ">= 1");
        problems.expect(receiveBufferBytes >= 0, "receiveBufferBytes", receiveBufferBytes, ">= 0");
        problems.expect(sendBufferBytes >= 0, "sendBufferBytes", sendBufferBytes, ">= 0");
        problems.expectPositive("connectTimeout", connectTimeout);
        KernelLimits.backlog(problems, backlog);
        KernelLimits.buffers(problems, receiveBufferBytes, sendBufferBytes);
    }
}

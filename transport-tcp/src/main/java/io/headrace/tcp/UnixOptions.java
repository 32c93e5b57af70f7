package io.headrace.tcp;

import io.headrace.Problems;
import java.time.Duration;

/**
 * How Unix-domain sockets are set.
 *
 * @param backlog how many connections may wait in the operating system to be accepted; capped by net.core.somaxconn
 * @param receiveBufferBytes the socket's receive buffer (SO_RCVBUF), or 0 for the system's own choice
 * @param sendBufferBytes the socket's send buffer (SO_SNDBUF), or 0 for the system's own choice
 * @param connectTimeout how long a client waits where the listener's queue is full
 */
public record UnixOptions(int backlog, int receiveBufferBytes, int sendBufferBytes, Duration connectTimeout) {

    /** 1,024 waiting, the system's buffers, 10 s to connect. */
    public static final UnixOptions DEFAULTS = new UnixOptions(1_024, 0, 0, Duration.ofSeconds(10));

    public UnixOptions backlog(int backlog) {
        return new UnixOptions(backlog, receiveBufferBytes, sendBufferBytes, connectTimeout);
    }

    public UnixOptions receiveBufferBytes(int receiveBufferBytes) {
        return new UnixOptions(backlog, receiveBufferBytes, sendBufferBytes, connectTimeout);
    }

    public UnixOptions sendBufferBytes(int sendBufferBytes) {
        return new UnixOptions(backlog, receiveBufferBytes, sendBufferBytes, connectTimeout);
    }

    public UnixOptions connectTimeout(Duration connectTimeout) {
        return new UnixOptions(backlog, receiveBufferBytes, sendBufferBytes, connectTimeout);
    }

    void check(Problems problems) {
        problems.expect(backlog >= 1, "backlog", backlog, ">= 1");
        problems.expect(receiveBufferBytes >= 0, "receiveBufferBytes", receiveBufferBytes, ">= 0");
        problems.expect(sendBufferBytes >= 0, "sendBufferBytes", sendBufferBytes, ">= 0");
        problems.expectPositive("connectTimeout", connectTimeout);
    }
}

package io.headrace.tcp;

import io.headrace.KernelLimits;
import io.headrace.Problems;
import io.headrace.UnixPath;
import java.time.Duration;

/**
 * How Unix-domain sockets are set.
 *
 * @param backlog how many connections may wait in the operating system to be accepted; capped by net.core.somaxconn
 * @param receiveBufferBytes the socket's receive buffer (SO_RCVBUF), or 0 for the system's own choice
 * @param sendBufferBytes the socket's send buffer (SO_SNDBUF), or 0 for the system's own choice
 * @param connectTimeout how long a client waits where the listener's queue is full
 * @param mode who may connect to a server, as {@code ls} shows it: {@code rw-rw----}. The path has it from the moment it is there
 * @param group the group of the system that the path belongs to, or null for the process's own
 */
public record UnixOptions(
        int backlog, int receiveBufferBytes, int sendBufferBytes, Duration connectTimeout, String mode, String group) {

    /** 1,024 waiting, the system's buffers, 10 s to connect, for the process's own user only. */
    public static final UnixOptions DEFAULTS =
            new UnixOptions(1_024, 0, 0, Duration.ofSeconds(10), UnixPath.OWNER_ONLY, null);

    public UnixOptions backlog(int backlog) {
        return new UnixOptions(backlog, receiveBufferBytes, sendBufferBytes, connectTimeout, mode, group);
    }

    public UnixOptions receiveBufferBytes(int receiveBufferBytes) {
        return new UnixOptions(backlog, receiveBufferBytes, sendBufferBytes, connectTimeout, mode, group);
    }

    public UnixOptions sendBufferBytes(int sendBufferBytes) {
        return new UnixOptions(backlog, receiveBufferBytes, sendBufferBytes, connectTimeout, mode, group);
    }

    public UnixOptions connectTimeout(Duration connectTimeout) {
        return new UnixOptions(backlog, receiveBufferBytes, sendBufferBytes, connectTimeout, mode, group);
    }

    /** Who may connect to a server: {@code rw-rw----} for the owner and the group. Writing is what it takes. */
    public UnixOptions mode(String mode) {
        return new UnixOptions(backlog, receiveBufferBytes, sendBufferBytes, connectTimeout, mode, group);
    }

    /** The group that a server's path belongs to; the process's user must be in it, or be root. */
    public UnixOptions group(String group) {
        return new UnixOptions(backlog, receiveBufferBytes, sendBufferBytes, connectTimeout, mode, group);
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

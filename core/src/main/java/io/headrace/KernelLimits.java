package io.headrace;

import java.util.OptionalLong;

/** Says where the kernel will quietly grant less than a socket's options ask for. For transports. */
public final class KernelLimits {

    private KernelLimits() {}

    /** A listener's queue. */
    public static void backlog(Problems problems, int wanted) {
        atMost(problems, "backlog", wanted, "net.core.somaxconn");
    }

    /** A socket's buffers; 0 for one that is left to the system. */
    public static void buffers(Problems problems, int receiveBytes, int sendBytes) {
        atMost(problems, "receiveBufferBytes", receiveBytes, "net.core.rmem_max");
        atMost(problems, "sendBufferBytes", sendBytes, "net.core.wmem_max");
    }

    private static void atMost(Problems problems, String name, long wanted, String setting) {
        OptionalLong most = Machine.number(setting);
        problems.advise(
                most.isEmpty() || wanted <= most.getAsLong(),
                name,
                wanted + ", of which the system grants " + most.orElse(wanted),
                "at most " + setting + "; sysctl -w " + setting + "=" + wanted);
    }
}

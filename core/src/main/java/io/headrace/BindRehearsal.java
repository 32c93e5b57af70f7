package io.headrace;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Locale;

/** Finds out whether an address could be bound now, and says in words why not. For transports, in {@link Transport#rehearse}. */
public final class BindRehearsal {

    private BindRehearsal() {}

    /** Binds a socket and closes it again. */
    @FunctionalInterface
    public interface Attempt {
        void bindAndClose(InetSocketAddress address) throws IOException;
    }

    /** Whether a host, as it is written, means every address of the machine; names are not looked up for that. */
    public static boolean everywhere(String host) {
        byte[] number = host == null ? null : NetUtil.createByteArrayFromIpAddressString(host);
        if (number == null) {
            return false;
        }
        int bits = 0;
        for (byte part : number) {
            bits |= part;
        }
        return bits == 0;
    }

    /**
     * Adds what is found. Blocks.
     *
     * @param protocol tcp or udp
     */
    public static void of(Problems problems, String protocol, InetSocketAddress address, Attempt attempt) {
        String name = Text.of(address);
        try {
            attempt.bindAndClose(address);
            problems.note("address", name + ", free");
        } catch (IOException refused) {
            problems.expect(false, "address", name, expected(protocol, address, refused));
        }
    }

    private static String expected(String protocol, InetSocketAddress address, IOException refused) {
        String words = String.valueOf(refused.getMessage());
        String lower = words.toLowerCase(Locale.ROOT);
        if (lower.contains("permission denied")) {
            return "a port that needs no privilege, "
                    + Machine.setting("net.ipv4.ip_unprivileged_port_start").orElse("1024") + " or above; " + words;
        }
        if (lower.contains("already in use")) {
            return "a free one, but "
                    + Machine.userOf(protocol, address.getPort()).orElse("another process") + " has it";
        }
        if (refused instanceof BindException && !isLocal(address)) {
            return "an address of this machine; " + words;
        }
        return "one that can be bound; " + words;
    }

    private static boolean isLocal(InetSocketAddress address) {
        try {
            return address.getAddress().isAnyLocalAddress()
                    || NetworkInterface.getByInetAddress(address.getAddress()) != null;
        } catch (SocketException notTold) {
            return true;
        }
    }
}

package io.headrace.samples;

import io.headrace.Text;
import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** An address as Python prints it: {@code ('127.0.0.1', 48437)}, for IPv6 {@code ('::1', 48437, 0, 0)}. */
final class PythonAddress {

    private PythonAddress() {}

    static String of(SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet) || inet.isUnresolved()) {
            return Text.of(address);
        }
        String pair = "('" + NetUtil.toAddressString(inet.getAddress()) + "', " + inet.getPort();
        // The flow label, which Java does not tell, and the number of the interface.
        return inet.getAddress() instanceof Inet6Address six ? pair + ", 0, " + six.getScopeId() + ")" : pair + ")";
    }
}

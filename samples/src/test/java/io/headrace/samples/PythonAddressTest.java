package io.headrace.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class PythonAddressTest {

    @Test
    void anIpv4AddressIsAPair() {
        assertThat(PythonAddress.of(new InetSocketAddress("127.0.0.1", 48_437))).isEqualTo("('127.0.0.1', 48437)");
    }

    @Test
    void anIpv6AddressHasFourParts() {
        assertThat(PythonAddress.of(new InetSocketAddress("::1", 48_437))).isEqualTo("('::1', 48437, 0, 0)");
        assertThat(PythonAddress.of(new InetSocketAddress("2001:db8:0:0:1:0:0:1", 1)))
                .isEqualTo("('2001:db8::1:0:0:1', 1, 0, 0)");
    }

    @Test
    void theInterfaceOfALinkLocalAddressIsTheLastPart() throws UnknownHostException {
        byte[] linkLocal = InetAddress.getByName("fe80::1").getAddress();
        InetAddress onSecondInterface = Inet6Address.getByAddress(null, linkLocal, 2);

        assertThat(PythonAddress.of(new InetSocketAddress(onSecondInterface, 1)))
                .isEqualTo("('fe80::1', 1, 0, 2)");
    }

    @Test
    void anAddressThatHasNoNumbersIsShownAsItIs() {
        assertThat(PythonAddress.of(null)).isEqualTo("(unnamed)");
        assertThat(PythonAddress.of(InetSocketAddress.createUnresolved("host", 1)))
                .isEqualTo("host:1");
    }
}

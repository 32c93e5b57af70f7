package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

/** Places as they are written. */
class HostPortTest {

    @Test
    void anIpV6AddressStandsInBrackets() {
        assertThat(HostPort.local("::1", 53)).hasToString("[::1]:53");
    }

    @Test
    void anAddressIsSaidByItsNumbers() throws Exception {
        InetAddress named = InetAddress.getByAddress("ada", new byte[] {127, 0, 0, 1});
        assertThat(HostPort.local(new InetSocketAddress(named, 53))).hasToString("127.0.0.1:53");
    }

    @Test
    void anUnresolvedAddressIsResolvedLater() throws Exception {
        HostPort place = HostPort.remote(InetSocketAddress.createUnresolved("127.0.0.1", 53));
        assertThat(place.resolve()).isEqualTo(new InetSocketAddress("127.0.0.1", 53));
    }
}

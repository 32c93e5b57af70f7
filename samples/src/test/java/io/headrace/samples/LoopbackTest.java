package io.headrace.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoopbackTest {

    @Test
    void debiansAddressForTheHostNameIsServedToo() throws UnknownHostException {
        assertThat(addresses("127.0.1.1")).containsExactly("127.0.0.1", "127.0.1.1");
    }

    @Test
    void noAddressIsServedTwice() throws UnknownHostException {
        assertThat(addresses("127.0.0.1", "127.0.1.1", "127.0.1.1")).containsExactly("127.0.0.1", "127.0.1.1");
    }

    @Test
    void anAddressThatOthersCanReachIsNotServedUnasked() throws UnknownHostException {
        assertThat(addresses("192.0.2.7", "::1", "2001:db8::7")).containsExactly("127.0.0.1");
    }

    @Test
    void aMachineWhoseNameDoesNotResolveServesLoopback() {
        InetSocketAddress[] addresses = Loopback.addresses(12_345, () -> {
            throw new UnknownHostException("vm: Name or service not known");
        });

        assertThat(addresses).containsExactly(new InetSocketAddress("127.0.0.1", 12_345));
    }

    private static List<String> addresses(String... ofHostName) throws UnknownHostException {
        InetAddress[] resolved = new InetAddress[ofHostName.length];
        for (int i = 0; i < resolved.length; i++) {
            resolved[i] = InetAddress.getByName(ofHostName[i]);
        }
        return Arrays.stream(Loopback.addresses(12_345, () -> resolved))
                .map(address -> address.getAddress().getHostAddress())
                .toList();
    }
}

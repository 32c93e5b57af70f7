package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

/** Who counts as one. */
class AddressPrefixTest {

    private static long key(AddressPrefix prefix, String address) throws Exception {
        return prefix.key(new InetSocketAddress(InetAddress.getByName(address), 1));
    }

    private static long key(String address) throws Exception {
        return key(AddressPrefix.DEFAULT, address);
    }

    @Test
    void anIpv4AddressIsOne() throws Exception {
        assertThat(key("127.0.0.2")).isEqualTo(key("127.0.0.2")).isNotEqualTo(key("127.0.0.3"));
        AddressPrefix networks = new AddressPrefix(24, 64);
        assertThat(key(networks, "10.1.2.3"))
                .isEqualTo(key(networks, "10.1.2.250"))
                .isNotEqualTo(key(networks, "10.1.3.3"));
    }

    @Test
    void anIpv6AddressIsItsNetwork() throws Exception {
        assertThat(key("2001:db8::1")).isEqualTo(key("2001:db8::2:1")).isNotEqualTo(key("2001:db8:0:1::1"));
        AddressPrefix sites = new AddressPrefix(32, 48);
        assertThat(key(sites, "2001:db8:1:2::1")).isEqualTo(key(sites, "2001:db8:1:3::1"));
        AddressPrefix hosts = new AddressPrefix(32, 128);
        assertThat(key(hosts, "2001:db8::1"))
                .isEqualTo(key(hosts, "2001:db8::1"))
                .isNotEqualTo(key(hosts, "2001:db8::2"));
        AddressPrefix subnets = new AddressPrefix(32, 96);
        assertThat(key(subnets, "2001:db8::1:1")).isEqualTo(key(subnets, "2001:db8::1:2"));
    }

    @Test
    void anIpv4MappedAddressIsAnIpv4Address() throws Exception {
        byte[] mapped = NetUtil.createByteArrayFromIpAddressString("::ffff:127.0.0.2");
        assertThat(AddressPrefix.DEFAULT.key(new InetSocketAddress(Inet6Address.getByAddress(null, mapped, 1), 1)))
                .isEqualTo(key("127.0.0.2"));
    }

    @Test
    void whoHasNoAddressIsOneOfMany() {
        assertThat(AddressPrefix.DEFAULT.key((java.net.SocketAddress) null))
                .isEqualTo(AddressPrefix.DEFAULT.key(new DomainSocketAddress("")))
                .isEqualTo(AddressPrefix.DEFAULT.key(InetSocketAddress.createUnresolved("peer", 1)))
                .isEqualTo(AddressPrefix.UNNAMED);
    }
}

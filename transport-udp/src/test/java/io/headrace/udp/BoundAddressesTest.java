package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.junit.jupiter.api.Test;

/** Which ports are ours, and for how long. */
class BoundAddressesTest {
    private final BoundAddresses addresses = new BoundAddresses();

    private static Channel boundTo(SocketAddress address) {
        return new EmbeddedChannel() {
            @Override
            protected SocketAddress localAddress0() {
                return address;
            }
        };
    }

    private Channel added(String host, int port) {
        Channel channel = boundTo(new InetSocketAddress(host, port));
        addresses.add(channel);
        return channel;
    }

    @Test
    void aPortIsOursFromBindToClose() throws Exception {
        for (int port : new int[] {1, 63, 64, 65_535}) {
            Channel channel = added("127.0.0.1", port);
            assertThat(addresses.anyOn(port)).isTrue();
            assertThat(addresses.anyOn(port - 1)).isFalse();
            assertThat(addresses.on(port)).containsExactly(InetAddress.getByName("127.0.0.1"));
            channel.close();
            assertThat(addresses.anyOn(port)).isFalse();
            assertThat(addresses.on(port)).isEmpty();
        }
    }

    @Test
    void theLastSocketOnAPortGivesItUp() throws Exception {
        Channel one = added("127.0.0.1", 53);
        Channel same = added("127.0.0.1", 53);
        Channel other = added("127.0.0.2", 53);
        one.close();
        assertThat(addresses.on(53))
                .containsExactlyInAnyOrder(InetAddress.getByName("127.0.0.1"), InetAddress.getByName("127.0.0.2"));
        same.close();
        assertThat(addresses.on(53)).containsExactly(InetAddress.getByName("127.0.0.2"));
        other.close();
        assertThat(addresses.anyOn(53)).isFalse();
    }
}

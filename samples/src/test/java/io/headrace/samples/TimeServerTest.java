package io.headrace.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.Server;
import io.headrace.udp.Udp;
import java.math.BigInteger;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class TimeServerTest {

    /** The example of RFC 868. */
    @Test
    void countsSecondsSince1900() throws Exception {
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        InstantSource clock = InstantSource.fixed(Instant.parse("1983-05-01T00:00:00Z"));
        try (Server server = TimeServer.endpoint(Udp.listen(0), clock).start();
                DatagramSocket asker = new DatagramSocket(0, loopback)) {
            asker.setSoTimeout(10_000);
            asker.send(new DatagramPacket(new byte[0], 0, loopback, server.port()));
            DatagramPacket answer = new DatagramPacket(new byte[16], 16);
            asker.receive(answer);
            assertThat(answer.getLength()).isEqualTo(4);
            assertThat(new BigInteger(1, answer.getData(), 0, 4)).isEqualTo(2_629_584_000L);
        }
    }
}

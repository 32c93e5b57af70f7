package io.headrace.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.Server;
import io.headrace.udp.Udp;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class SinkTest {

    @Test
    void countsDatagramsAndShowsThemEscaped() throws IOException {
        List<String> printed = new CopyOnWriteArrayList<>();
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        try (Server server = Sink.endpoint(Udp.listen(0), printed::add).start();
                DatagramSocket sender = new DatagramSocket(0, loopback)) {
            for (byte[] datagram : List.of(new byte[] {'h', 'i', '\n'}, new byte[] {0x1b, (byte) 0xff}, new byte[0])) {
                sender.send(new DatagramPacket(datagram, datagram.length, loopback, server.port()));
            }

            await().until(() -> printed.size() == 3);
            String from = " from ('127.0.0.1', " + sender.getLocalPort() + "): ";
            assertThat(printed).containsExactly("#1" + from + "hi\\x0a", "#2" + from + "\\x1b\\xff", "#3" + from);
        }
    }
}

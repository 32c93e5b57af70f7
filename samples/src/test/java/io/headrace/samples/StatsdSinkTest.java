package io.headrace.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.Server;
import io.headrace.udp.Udp;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatsdSinkTest {
    private final StatsdTotals totals = new StatsdTotals();

    @Test
    void countersAddUpGaugesKeepTheNewestAndTimesAverage() {
        totals.add("requests:3|c\nrequests:4|c\nqueue:9|g\nqueue:7.5|g");
        totals.add("lookup:10|ms\nlookup:20|ms");
        assertThat(totals.take())
                .containsExactly("lookup (ms): 15 ms on average of 2", "queue (g): 7.500", "requests (c): 7");
        assertThat(totals.take()).isEmpty();
    }

    @Test
    void aSignChangesAGauge() {
        totals.add("queue:5|g\nqueue:+2|g");
        assertThat(totals.take()).containsExactly("queue (g): 7");
        totals.add("queue:-3|g\nother:-3|g");
        assertThat(totals.take()).containsExactly("other (g): -3", "queue (g): 4");
        totals.add("queue:1|g\nrequests:-1|c");
        assertThat(totals.take()).containsExactly("queue (g): 1", "requests (c): -1");
    }

    @Test
    void gaugesAreForgottenBeyondTheBound() {
        totals.add("oldest:5|g");
        for (int i = 0; i < 10_000; i++) {
            totals.add("name" + i + ":1|g");
            if (i % 5_000 == 0) {
                totals.take();
            }
        }
        totals.take();
        totals.add("oldest:+2|g\nname9999:+2|g");
        assertThat(totals.take()).containsExactly("name9999 (g): 3", "oldest (g): 2");
    }

    /** The line of the documentation, against the program itself. */
    @Test
    void netcatSendsItASample() throws Exception {
        Tools.requireNetcat();
        String documented = Files.readString(Path.of("../docs/udp.md"));
        try (SampleProcess statsd = SampleProcess.start("statsd", "--port", "0", "--every", "1")) {
            int port = statsd.port();
            String command = statsd.line().strip();
            assertThat(documented)
                    .contains("./headrace statsd --every 2   # and: " + command.replace(" " + port, " 8125"));
            assertThat(Tools.shell(command)).isEqualTo(new Tools.Run(0, ""));
            assertThat(statsd.line()).isEqualTo("requests (c): 3");
        }
    }

    @Test
    void aSampledCounterStandsForAll() {
        totals.add("requests:1|c|@0.1");
        assertThat(totals.take()).containsExactly("requests (c): 10");
    }

    @Test
    void whatIsNoSampleIsCounted() {
        totals.add("hello\nx:1|q\nx:\u001b|c");
        assertThat(totals.take()).containsExactly("3 line(s) were no samples, or of more than 10000 names");
    }

    @Test
    void namesAreBounded() {
        for (int i = 0; i < 10_010; i++) {
            totals.add("name" + i + ":1|c");
        }
        assertThat(totals.take()).hasSize(10_001).last().asString().startsWith("10 line(s)");
    }

    @Test
    void addsUpWhatDatagramsBring() throws Exception {
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        List<String> lines = new ArrayList<>();
        try (Server server = StatsdSink.endpoint(Udp.listen(0), totals).start();
                DatagramSocket sender = new DatagramSocket(0, loopback)) {
            byte[] datagram = "requests:3|c\n".getBytes();
            sender.send(new DatagramPacket(datagram, datagram.length, loopback, server.port()));
            await().until(() -> lines.addAll(totals.take()));
            assertThat(lines).containsExactly("requests (c): 3");
        }
    }
}

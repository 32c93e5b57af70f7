package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.contract.ChildJvm;
import io.headrace.contract.ContractTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What SIGTERM does to a process that has {@code Shutdown.hook}. */
class ShutdownTest {
    private static final int BY_SIGTERM = 128 + 15;

    private final List<StreamPeer> peers = new ArrayList<>();

    @AfterEach
    void closePeers() throws IOException {
        for (StreamPeer peer : peers) {
            peer.close();
        }
    }

    private static ChildJvm program(Duration grace, Duration delay) throws IOException {
        return ChildJvm.start(
                ShutdownProgram.class, String.valueOf(grace.toMillis()), String.valueOf(delay.toMillis()));
    }

    private static InetSocketAddress address(ChildJvm program) throws IOException {
        int port = Integer.parseInt(program.lineWith("port ").split(" ")[1]);
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private StreamPeer dial(InetSocketAddress address) throws IOException {
        StreamPeer peer = SocketPeer.connect(address, false, null);
        peers.add(peer);
        return peer;
    }

    @Test
    void everyExchangeThatIsOpenIsAnsweredBeforeTheProcessEnds() throws Exception {
        try (ChildJvm program = program(ContractTest.PATIENCE, Duration.ZERO)) {
            InetSocketAddress address = address(program);
            for (int i = 0; i < 100; i++) {
                dial(address).say("x");
            }
            program.lineWith("open 100");
            assertThat(program.terminate()).isEqualTo(BY_SIGTERM);
            for (StreamPeer peer : peers) {
                assertThat(peer.hearAll()).isEqualTo("answer\n");
            }
            assertThat(program.allLines()).contains("stopped [slow]: 100 graceful, 0 forced, 0 bytes dropped");
        }
    }

    @Test
    void whatNeverEndsIsForcedAndListedAndTheProcessEnds() throws Exception {
        try (ChildJvm program = program(Duration.ofMillis(300), Duration.ZERO)) {
            InetSocketAddress address = address(program);
            StreamPeer never = dial(address);
            never.say("never");
            program.lineWith("open 1");
            assertThat(program.terminate()).isEqualTo(BY_SIGTERM);
            assertThat(program.allLines())
                    .contains("tcp endpoint 'slow' on 127.0.0.1:0: cut off 1 when the grace was over")
                    .containsPattern("\n\t127\\.0\\.0\\.1:\\d+ #1 of 'slow': ending, [\\d.]+s old, 1 open exchange, ")
                    .contains("stopped [slow]: 0 graceful, 1 forced, 0 bytes dropped");
        }
    }
}

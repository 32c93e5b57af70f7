package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.Clock;
import io.headrace.Loops.Backend;
import io.headrace.contract.ChildJvm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A process that is short of descriptors. Linux only: another process has to take them away. */
class DescriptorsTest {
    private static final Path PRLIMIT = Path.of("/usr/bin/prlimit");

    private final List<StreamPeer> peers = new ArrayList<>();

    @BeforeEach
    void needsLinux() {
        Assumptions.assumeTrue(Files.isExecutable(PRLIMIT));
    }

    @AfterEach
    void closePeers() throws IOException {
        for (StreamPeer peer : peers) {
            peer.close();
        }
    }

    private static InetSocketAddress address(ChildJvm program) throws IOException {
        int port = Integer.parseInt(program.lineWith("port ").split("port ")[1].strip());
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private StreamPeer dial(InetSocketAddress address) throws IOException {
        StreamPeer peer = SocketPeer.connect(address, false, null);
        peers.add(peer);
        return peer;
    }

    /** How often accepting has failed, and the processor time of the loop in nanoseconds. */
    private static long[] ask(StreamPeer peer) throws IOException {
        peer.say("?");
        return Stream.of(peer.hear().split(" ")).mapToLong(Long::parseLong).toArray();
    }

    /** TORTURE A1. */
    @ParameterizedTest
    @MethodSource("io.headrace.contract.ContractTest#backends")
    void withoutDescriptorsTheListenerRestsAndRecovers(Backend backend) throws Exception {
        List<String> narrow = List.of(PRLIMIT.toString(), "--nofile=130:130");
        try (ChildJvm program = ChildJvm.start(narrow, DescriptorsProgram.class, backend.name(), "0")) {
            InetSocketAddress address = address(program);
            StreamPeer first =
                    dial(address); // Lives a whole life while classes of folders can be loaded; a jar stays open.
            ask(first);
            first.finish();
            assertThat(first.hear()).isNull();
            StreamPeer bystander = dial(address);
            long cpuBeforeNs = ask(bystander)[1];
            long beforeNs = Clock.system().nanoTime();
            Deque<StreamPeer> crowd = new ArrayDeque<>();
            for (int i = 0; i < 120; i++) {
                crowd.add(dial(address));
            }
            // 5 + 10 + ... + 640 ms: it rests for longer and longer, and the bystander is served.
            long[] now = await().until(() -> ask(bystander), answer -> answer[0] >= 8);
            long tookNs = Clock.system().nanoTime() - beforeNs;
            assertThat(now[0]).isLessThan(60);
            assertThat((double) (now[1] - cpuBeforeNs) / tookNs)
                    .as("share of a processor")
                    .isLessThan(0.6);

            for (int i = 0; i < 60; i++) {
                crowd.poll().close();
            }
            for (StreamPeer peer : crowd) {
                ask(peer);
            }
            program.terminate();
            String log = program.allLines();
            assertThat(log).doesNotContain("ERROR").doesNotContain("Exception");
            assertThat(log.lines().filter(line -> line.contains("accept emfile")))
                    .as("one in ten seconds")
                    .hasSizeBetween(1, 3);
        }
    }

    private static void signal(ChildJvm program, String signal) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + signal, String.valueOf(program.pid()))
                .inheritIO()
                .start();
        assertThat(kill.waitFor()).isZero();
    }

    /** TORTURE A3 and A4. */
    @ParameterizedTest
    @MethodSource("io.headrace.contract.ContractTest#backends")
    void whoLeftBeforeItWasAcceptedDisturbsNobody(Backend backend) throws Exception {
        try (ChildJvm program = ChildJvm.start(DescriptorsProgram.class, backend.name(), "10000")) {
            InetSocketAddress address = address(program);
            StreamPeer bystander = dial(address);
            ask(bystander);
            signal(program, "STOP");
            List<StreamPeer> stay = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                dial(address).reset();
                dial(address).close();
                stay.add(dial(address));
            }
            signal(program, "CONT");
            for (StreamPeer peer : stay) {
                ask(peer);
            }
            ask(bystander);
            program.terminate();
            assertThat(program.allLines()).doesNotContain("ERROR").doesNotContain("Exception");
        }
    }

    /** TORTURE H10. */
    @Test
    void theLimitIsSaidWithItsFormulaAndWhatIsAboveItIsWarnedOf() throws Exception {
        try (ChildJvm program = ChildJvm.start(
                List.of(PRLIMIT.toString(), "--nofile=256:256"), DescriptorsProgram.class, "NIO", "1000")) {
            assertThat(program.lineWith("WARN"))
                    .contains("'narrow'")
                    .contains("ConnectionLimit: 1000 (expected: at most 192, which is what the limit of 256");
            assertThat(program.lineWith("connections of this process"))
                    .endsWith("at most 192 = 256 descriptors - 64, which is max(64, 10 %)");
            ask(dial(address(program)));
        }
    }
}

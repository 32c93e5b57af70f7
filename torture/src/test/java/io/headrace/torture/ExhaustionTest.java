package io.headrace.torture;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.Slot;
import io.headrace.Stage;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Group I, and A10: processors, threads and memory that are not there. */
class ExhaustionTest extends Case {
    /** A user of its own, whose threads are only those of the child; root's are not limited. */
    private static final String NOBODY_ELSE = "54321";

    private static final Path SAMPLES_LOGGING =
            Path.of("..", "samples", "src", "main", "resources", "logback.xml").toAbsolutePath();

    private static final String LOG_TO_SMALL_DISK =
            "dir=$1; shift; exec unshare -rm sh -c 'mount -t tmpfs -o size=1m tmpfs \"$0\" && exec \"$@\" 2>\"$0\"/log' \"$dir\" \"$@\"";

    private static final String LOG_TO_PIPE = "dir=$1; shift; mkfifo \"$dir\"/pipe && exec \"$@\" 2<>\"$dir\"/pipe";

    @TempDir
    Path folder;

    private final CountDownLatch reported = new CountDownLatch(1);

    @Row("I6")
    @Test
    void aHandlerThatBlocksItsLoopIsReportedWithItsStackAndTheOthersGoOn() throws Exception {
        isReported(ground -> ground.listen().loops(ground.otherLoops()).reply(bytes -> {
            Blocking.until(reported);
            return bytes;
        }));
    }

    @Row("A10")
    @Test
    void anAcceptHookThatBlocksIsReportedWithItsStackAndTheOthersGoOn() throws Exception {
        isReported(ground -> ground.listen()
                .loops(ground.otherLoops())
                .with(Stage.netty(Slot.WIRE, "slow", () -> {
                    if (ground.onOtherLoops()) { // Not where the settings are checked.
                        Blocking.until(reported);
                    }
                    return new ChannelInboundHandlerAdapter();
                }))
                .reply(bytes -> bytes));
    }

    private void isReported(Serving serving) throws Exception {
        LocalServer server = serve(serving);
        Peer peer = dial(server).say("x");
        await().untilAsserted(() -> assertThat(reports(server)).hasSize(1));
        reported.countDown();
        assertThat(peer.bytes(1)).hasSize(1);
        assertThat(reports(server)).hasSize(1);
    }

    private static List<String> reports(LocalServer server) {
        return server.log().stream()
                .map(LogLine::message)
                .filter(line -> line.contains("has been blocked for") && line.contains(Blocking.class.getName()))
                .toList();
    }

    @Row("I1")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "-Dio.netty.maxDirectMemory=25165824",
                "-XX:MaxDirectMemorySize=24m",
                "-XX:MaxDirectMemorySize=32m"
            })
    void withoutDirectMemoryOnlyWhoNeedsItIsCutOffAndServiceResumes(String limit) throws Exception {
        // Without bystanders, whose p99 says nothing where the JDK looks for memory half a second long: twenty who talk
        // stand for them.
        ChildServer server = childAlone(ChildServer.Setup.of(Servers.BIG_FRAMES).flags(limit));
        Crowd talking = closing(Crowd.of(server.port(), 20));
        talks(talking, 1);
        byte[] frame = new byte[4 + (1 << 20)];
        frame[1] = 0x10;
        Crowd crowd = Crowd.of(server.port(), 500);
        crowd.tryFill(frame, frame.length - 1);
        await().untilAsserted(() -> assertThat(server.closed("oom_direct")).isPositive());
        talks(talking, 2);
        crowd.close();
        await().untilAsserted(() -> assertThat(server.active()).isEqualTo(talking.size()));
        // What DirectRoom keeps back after a refusal of the JDK's it gives up bit by bit, each time that it refuses
        // somebody itself.
        await().ignoreExceptionsInstanceOf(IOException.class).until(() -> isAnswered(server, frame));
        talks(talking, 3);
    }

    /** Each says a small frame, and has heard so many answers. */
    private static void talks(Crowd talking, int answers) throws IOException {
        talking.say(new byte[] {0, 0, 0, 3, 'A', 'd', 'a'});
        assertThat(talking.heard(5 * answers))
                .allSatisfy(each -> assertThat(each).endsWith("3"));
        assertThat(talking.closed()).isZero();
    }

    private static boolean isAnswered(ChildServer server, byte[] frame) throws IOException {
        try (Peer peer = Peer.to(server.port())) {
            return peer.trySay(frame) && new String(peer.bytes(4 + 7), US_ASCII).endsWith("1048576");
        }
    }

    @Row("I2")
    @Tag("slow")
    @Test
    void withoutTheFlagAnOutOfMemoryErrorCostsItsConnection() throws Exception {
        bystandersMayWait(); // The collector stops the world again and again.
        ChildServer server = child(Servers.GREEDY);
        assertThat(dial(server).say("heap\n").ends()).isTrue();
        await().untilAsserted(() -> assertThat(server.closed("handler_failed")).isEqualTo(1));
        assertThat(dial(server).say("still here\n").line()).isEqualTo("still here");
    }

    @Row("I2")
    @Tag("slow")
    @Test
    void withTheFlagTheProcessEnds() throws Exception {
        ChildServer server = child(ChildServer.Setup.of(Servers.GREEDY).flags("-XX:+ExitOnOutOfMemoryError"));
        Peer peer = dial(server);
        endsHere();
        peer.say("heap\n");
        assertThat(server.status(30)).isEqualTo(3);
    }

    @Row("I4")
    @ParameterizedTest
    @ValueSource(strings = {"full disk", "pipe that nobody reads"})
    void aLogThatTakesNothingMoreHoldsNobodyUp(String log) throws Exception {
        boolean pipe = log.startsWith("pipe");
        if (!pipe) {
            Program.needMounts();
        }
        // As the samples log: to standard error, by a queue that rather drops a line than wait.
        ChildServer server = child(ChildServer.Setup.of(Servers.CHATTY)
                .flags("-Dlogback.configurationFile=" + SAMPLES_LOGGING)
                .under("sh", "-c", pipe ? LOG_TO_PIPE : LOG_TO_SMALL_DISK, "sh", folder.toString()));
        Peer peer = dial(server);
        String text = "x".repeat(900);
        for (int i = 0; i < 5_000; i++) { // Several times what disk, pipe and queue take.
            assertThat(peer.say(i + text + "\n").line()).startsWith(String.valueOf(i));
        }
    }

    @Row("I5")
    @Test
    void withTooFewThreadsItDoesNotStartAndLeavesNothing() throws Exception {
        Program.need("setpriv");
        List<String> command = List.of(
                "setpriv",
                "--reuid=" + NOBODY_ELSE,
                "--clear-groups",
                "--inh-caps=+dac_read_search",
                "--ambient-caps=+dac_read_search",
                "prlimit",
                "--nproc=40");
        List<String> probe = new ArrayList<>(command);
        probe.add("true");
        Assumptions.assumeTrue(Program.run(probe).status() == 0, "needs to start programs as another user");
        try (ChildServer server = ChildServer.Setup.of(Servers.MANY_LOOPS)
                .flags("-Dtorture.loops=64")
                .under(command.toArray(String[]::new))
                .launch()) {
            assertThat(server.status(30)).isEqualTo(1);
            assertThat(server.errors())
                    .contains("unable to create native thread")
                    .containsPattern("left: 0 threads, -?[0-2] descriptors"); // As U3: the JVM opens one now and then.
        }
    }

    @Row("I7")
    @Tag("slow")
    @ParameterizedTest
    @ValueSource(ints = 4)
    void withoutAProcessorNobodyIsJudgedWrongly(int burners) throws Exception {
        bystandersMaySlowDown(5);
        ChildServer server = child(ChildServer.Setup.of(Servers.CLOCKS).flags("-Dtorture.idle=2000"));
        Crowd crowd = closing(Crowd.of(server.port(), 50));
        for (int i = 0; i < burners; i++) {
            Process burner = new ProcessBuilder("sh", "-c", "while :; do :; done").start();
            closing(burner::destroyForcibly);
        }
        for (int i = 0; i < 10; i++) {
            crowd.say("here\n");
            crowd.lines(i + 1);
            crowd.listen(Duration.ofMillis(800));
        }
        assertThat(crowd.closed()).isZero();
        assertThat(server.log()).noneMatch(line -> line.message().contains("has been blocked"));
    }
}

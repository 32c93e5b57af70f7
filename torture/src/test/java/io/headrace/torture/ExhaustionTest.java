package io.headrace.torture;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.Slot;
import io.headrace.Stage;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Group I, and A10: processors, threads and memory that are not there. */
class ExhaustionTest extends Case {

    @Row("I6")
    @Test
    void aHandlerThatBlocksItsLoopIsReportedWithItsStackAndTheOthersGoOn() throws Exception {
        isReported(ground -> ground.listen().loops(ground.otherLoops()).reply(bytes -> {
            Blocking.forMs(3_000);
            return bytes;
        }));
    }

    @Row("A10")
    @Test
    void anAcceptHookThatBlocksIsReportedWithItsStackAndTheOthersGoOn() throws Exception {
        isReported(ground -> ground.listen()
                .loops(ground.otherLoops())
                .with(Stage.netty(Slot.WIRE, "slow", () -> {
                    Blocking.forMs(3_000);
                    return new ChannelInboundHandlerAdapter();
                }))
                .reply(bytes -> bytes));
    }

    private void isReported(Serving serving) throws Exception {
        LocalServer server = serve(serving);
        Peer peer = dial(server).say("x");
        await().untilAsserted(() -> assertThat(reports(server)).hasSize(1));
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
    @Test
    void withoutDirectMemoryOnlyWhoNeedsItIsCutOffAndServiceResumes() throws Exception {
        withoutDirectMemory("-Dio.netty.maxDirectMemory=25165824");
    }

    @Row("I1")
    @Disabled(
            "broken: where the JDK's limit is met before Netty's, each failed allocation blocks its loop for half a second (Bits.reserveMemory"
                    + " collects and sleeps), so that 200 connections are served or ended only after 30 s")
    @Test
    void withoutTheJdksDirectMemory() throws Exception {
        withoutDirectMemory("-XX:MaxDirectMemorySize=24m");
    }

    private void withoutDirectMemory(String limit) throws Exception {
        // Without bystanders: who happens to need a new chunk of memory just then is affected like everyone else.
        ChildServer server = childAlone(ChildServer.Setup.of(Servers.BIG_FRAMES).flags(limit));
        byte[] frame = new byte[4 + (1 << 20)];
        frame[1] = 0x10;
        Crowd crowd = Crowd.of(server.port(), 200);
        crowd.tryFill(frame, frame.length - 1);
        crowd.listen(Duration.ofSeconds(1));
        assertThat(server.closed("oom_direct")).isPositive();
        crowd.close();
        await().untilAsserted(() -> assertThat(server.active()).isZero());
        Peer after = dial(server).say(frame);
        assertThat(new String(after.bytes(4 + 7), US_ASCII)).endsWith("1048576");
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

package io.headrace.torture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.Codec;
import io.headrace.Connection;
import io.headrace.Loops.Backend;
import io.headrace.Session;
import io.headrace.Slot;
import io.headrace.Stage;
import io.headrace.tcp.FrameTimeout;
import io.headrace.tcp.Framing;
import io.headrace.tcp.MinimumRate;
import io.headrace.tcp.WriteTimeout;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Group B: the read path and framing. */
class ReadTest extends Case {
    private static final int FRAME = 64 * 1_024;

    private static String checksum(byte[] bytes) {
        CRC32 sum = new CRC32();
        sum.update(bytes);
        return bytes.length + " " + sum.getValue();
    }

    private static byte[] letters(int count) {
        byte[] letters = new byte[count];
        for (int i = 0; i < count; i++) {
            letters[i] = (byte) ('a' + i % 26);
        }
        return letters;
    }

    /** Counts what is read. */
    private static final class Reads extends ChannelInboundHandlerAdapter {
        private final AtomicInteger count;

        Reads(AtomicInteger count) {
            this.count = count;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object bytes) {
            count.incrementAndGet();
            ctx.fireChannelRead(bytes);
        }
    }

    @Row("B1")
    @OnEveryBackend
    void aFrameInSlicesOfOneByteIsTheSameFrame(Backend backend) throws Exception {
        AtomicInteger reads = new AtomicInteger();
        LocalServer server = serve(
                backend,
                ground -> ground.listen()
                        .with(Stage.netty(Slot.WIRE, "reads", () -> new Reads(reads)))
                        .with(Framing.lines(FRAME))
                        .codec(Codec.bytes())
                        .reply(frame -> checksum(frame).getBytes(UTF_8)));
        try (FaultProxy proxy = FaultProxy.to(server.port()).slice(1).open();
                Peer peer = Peer.to(proxy.port())) {
            peer.say(letters(FRAME)).say("\n").say("again\n");
            assertThat(peer.line()).isEqualTo(checksum(letters(FRAME)));
            assertThat(peer.line()).isEqualTo(checksum("again".getBytes(UTF_8)));
            // Whole it comes in a handful; a server that has to wait for a processor reads what has gathered.
            assertThat(reads).hasValueGreaterThan(100);
        }
    }

    @Row("B2")
    @ParameterizedTest
    @ValueSource(ints = {FRAME + 1, Integer.MAX_VALUE, -1, 0x80000000})
    void aLengthThatLiesEndsTheConnectionAtOnce(int length) throws Exception {
        isCutOff(
                ground -> ground.listen().with(Framing.lengthPrefixed(4, FRAME)).reply(frame -> frame),
                length,
                "frame_too_large");
    }

    /** A length of Headrace's own framing does not count itself, so none is too short; where it does, the user's decoder says so. */
    @Row("B2")
    @ParameterizedTest
    @ValueSource(ints = {3, 0})
    void aLengthThatIsShorterThanItsHeaderEndsTheConnectionAtOnce(int length) throws Exception {
        isCutOff(
                ground -> ground.listen()
                        .with(Stage.netty(
                                Slot.FRAMING, "frames", () -> new LengthFieldBasedFrameDecoder(FRAME, 0, 4, -4, 0)))
                        .reply(frame -> frame),
                length,
                "frame_malformed");
    }

    private void isCutOff(Serving serving, int length, String reason) throws Exception {
        LocalServer server = serve(serving);
        try (Allocations allocations = Allocations.record()) {
            Peer peer = dial(server).say(length >>> 24, length >>> 16, length >>> 8, length);
            assertThat(peer.rest()).isEmpty();
            peer.close();
            await().untilAsserted(() -> assertThat(server.closed(reason)).isEqualTo(1));
            assertThat(allocations.longestBytes()).isBetween(1, FRAME);
        }
    }

    @Row("B3")
    @Test
    void whatIsOnlyAnnouncedIsNotAllocated() throws Exception {
        bystandersMaySlowDown(5); // Its collector is asked to run.
        ChildServer server = child(Servers.BIG_FRAMES);
        long before = server.directBytes();
        try (Crowd crowd = Crowd.of(server.port(), 2_000)) {
            crowd.say(new byte[] {1, 0, 0, 0, 'a', 'b', 'c', 'd'});
            await().untilAsserted(() ->
                    assertThat(server.own("headrace.data.received")).isGreaterThanOrEqualTo(8.0 * crowd.size()));
            assertThat(server.active()).isEqualTo(crowd.size());
            assertThat(server.directBytes() - before).isLessThan(64 << 20);
        }
    }

    @Row("B4")
    @Test
    void whoSendsOnAfterAViolationIsCutOff() throws Exception {
        LocalServer server = serve(
                ground -> ground.listen().with(Framing.lengthPrefixed(4, FRAME)).reply(frame -> frame));
        Peer peer = dial(server).say(0x7f, 0xff, 0xff, 0xff);
        byte[] more = new byte[FRAME];
        int sent = 0;
        while (sent < 100 << 20 && peer.trySay(more)) {
            sent += more.length;
        }
        assertThat(sent).isLessThan(100 << 20);
        await().untilAsserted(() -> assertThat(server.active()).isZero());
        assertThat(server.closed("frame_too_large")).isEqualTo(1);
    }

    @Row("B5")
    @ParameterizedTest
    @ValueSource(strings = {"x", "\r", "\0"})
    void aLineThatNeverEndsIsCutAtItsMaximum(String what) throws Exception {
        LocalServer server = serve(ground -> ground.lines().reply(line -> line));
        Peer peer = dial(server).say(what.repeat(1_023));
        await().untilAsserted(
                        () -> assertThat(server.own("headrace.data.received")).isGreaterThanOrEqualTo(1_023));
        assertThat(server.active()).isEqualTo(1);
        peer.trySay(what.repeat(10).getBytes(UTF_8));
        assertThat(peer.ends()).isTrue();
        peer.close();
        await().untilAsserted(() -> assertThat(server.closed("frame_too_large")).isEqualTo(1));
    }

    @Row("B7")
    @Test
    void aFrameThatDripsIsJudgedAndSilenceIsNot() throws Exception {
        drip(50, 20, Duration.ofMillis(800), Duration.ofMillis(100));
    }

    @Row("B7")
    @Tag("slow")
    @Test
    void fiveHundredThatSendAByteInTenSeconds() throws Exception {
        drip(500, 50, Duration.ofSeconds(30), Duration.ofSeconds(10));
    }

    @Row("B7")
    @Test
    void aFrameThatIsTooSlowIsJudgedByItsRateAndSilenceIsNot() throws Exception {
        LocalServer server = serve(ground -> ground.lines()
                .with(MinimumRate.of(240).grace(Duration.ofSeconds(1)))
                .reply(line -> line));
        try (Crowd dripping = Crowd.of(server.port(), 50);
                Crowd idle = Crowd.of(server.port(), 20);
                Crowd quick = Crowd.of(server.port(), 10)) {
            idle.say("Ada\n");
            idle.lines(1);
            for (int i = 0; i < 100 && dripping.closed() < dripping.size(); i++) {
                dripping.trySay("x");
                dripping.listen(Duration.ofMillis(50));
                quick.say("whole lines\n");
            }
            assertThat(dripping.closed()).isEqualTo(dripping.size());
            assertThat(dripping.youngestMsWhenClosed()).isGreaterThanOrEqualTo(1_000);
            assertThat(idle.closed()).isZero();
            assertThat(quick.closed()).isZero();
        }
        await().untilAsserted(() -> assertThat(server.closed("too_slow")).isEqualTo(50));
    }

    /** {@code begun} connections drip one frame, {@code silent} have none open. */
    private void drip(int begun, int silent, Duration frame, Duration between) throws Exception {
        LocalServer server =
                serve(ground -> ground.lines().with(FrameTimeout.after(frame)).reply(line -> line));
        try (Crowd dripping = Crowd.of(server.port(), begun);
                Crowd idle = Crowd.of(server.port(), silent)) {
            idle.say("Ada\n");
            idle.lines(1);
            int drops = 0;
            do {
                dripping.trySay("x");
                drops++;
                dripping.listen(between);
            } while (dripping.closed() < begun && drops < 100);
            assertThat(dripping.closed()).isEqualTo(begun);
            assertThat(dripping.youngestMsWhenClosed()).isGreaterThanOrEqualTo(frame.toMillis());
            assertThat(idle.closed()).isZero();
        }
        await().untilAsserted(() -> assertThat(server.closed("frame_timeout")).isEqualTo(begun));
    }

    @Row("B8")
    @OnEveryBackend
    void theWholeAnswerAndThenTheEnd(Backend backend) throws Exception {
        byte[] answer =
                "x".repeat(1 << 20).getBytes(UTF_8); // Already: to encode it, cold, would keep bystanders waiting.
        LocalServer server = serve(
                backend, ground -> ground.listen().with(Framing.lines(1_024)).reply(line -> answer));
        for (int i = 0; i < 20; i++) {
            Peer peer = dial(server).say("question\n").finish();
            assertThat(peer.rest()).hasSize(answer.length + 1); // Throws where it ends in a reset.
        }
        await().untilAsserted(() -> assertThat(server.closed("peer_finished")).isEqualTo(20));
    }

    /** Goes on when its peer has finished, and says nothing. */
    private record Staying(AtomicInteger finished) implements Session<String> {
        @Override
        public void received(String line) {}

        @Override
        public boolean peerFinished() {
            finished.incrementAndGet();
            return false;
        }
    }

    @Row("B9")
    @OnEveryBackend
    void aResetAfterAHalfCloseIsNoticedAndNothingSpins(Backend backend) throws Exception {
        AtomicInteger finished = new AtomicInteger();
        LocalServer server = serve(backend, ground -> ground.lines().sessions(connection -> new Staying(finished)));
        double quiet = loopUse(server);
        inOneOfThree(() -> {
            finished.set(0);
            Peer[] peers = {
                dial(server).finish(), dial(server).finish(), dial(server).finish()
            };
            await().untilAsserted(() -> assertThat(finished).hasValue(peers.length));
            nothingSpins(server, quiet);
            for (Peer peer : peers) {
                peer.reset();
            }
            // The second of the row, and another for a machine that is busy.
            await().atMost(Duration.ofSeconds(2))
                    .untilAsserted(() -> assertThat(server.active()).isZero());
        });
        nothingSpins(server, quiet);
    }

    /** A loop that spins does so all the time; what else uses it, the compiler's bad luck say, passes. */
    private void nothingSpins(LocalServer server, double quiet) throws Exception {
        double use = loopUse(server);
        for (int i = 0; i < 4 && use >= quiet + 0.05; i++) {
            use = loopUse(server);
        }
        assertThat(use).isLessThan(quiet + 0.05);
    }

    @Row("B10")
    @OnEveryBackend
    void aResetInTheMiddleOfAFrameLeavesNoBuffer(Backend backend) throws Exception {
        LocalServer server = serve(
                backend,
                ground -> ground.listen().with(Framing.lengthPrefixed(4, FRAME)).reply(frame -> frame));
        for (int i = 0; i < 1_000; i++) {
            try (Peer peer = Peer.to(server.port())) {
                peer.say(0, 0, 1, 0, 'a', 'b').reset();
            }
        }
        await().untilAsserted(() -> assertThat(server.active()).isZero());
    }

    /** Fills the queue toward its peer, so that nothing is read from it. */
    private record Filling(Connection<Object> connection) implements Session<Object> {
        @Override
        public void opened() {
            while (connection.writable() && connection.send(new byte[16_384])) {
                // Up to the high mark; what the socket takes makes room for more.
            }
        }

        @Override
        public void received(Object bytes) {}
    }

    @Row("B11")
    @OnEveryBackend
    void whoLeavesWhileNothingIsReadIsFoundByTheClock(Backend backend) throws Exception {
        LocalServer server = serve(
                backend,
                ground -> ground.listen()
                        .options(o -> o.sendBufferBytes(16_384))
                        .with(WriteTimeout.after(Duration.ofSeconds(1)))
                        .sessions(Filling::new));
        for (int i = 0; i < 5; i++) {
            closing(Peer.small(server.port(), 4_096)).say("more\n").finish();
        }
        await().untilAsserted(() -> assertThat(server.accepted()).isEqualTo(5));
        // The bound, a sixteenth of it for the clock, and two seconds for a machine that is busy.
        await().atMost(Duration.ofSeconds(3))
                .untilAsserted(() -> assertThat(server.active()).isZero());
        // NIO sees nothing, and the clock finds it; where the end is seen without reading, it left before it had what
        // it was owed.
        assertThat(server.closed("write_stalled") + server.closed("peer_reset")).isEqualTo(5);
    }

    @Row("B12")
    @Tag("slow")
    @Test
    void tenThousandTimesRandomBytes() throws Exception {
        bystandersMaySlowDown(5);
        LocalServer server = serve(ground -> ground.listen()
                .with(Framing.lengthPrefixed(4, 512))
                .codec(Codec.utf8())
                .reply(line -> line));
        Random random = new Random(12);
        byte[] bytes = new byte[1_024];
        for (int i = 0; i < 10_000; i++) {
            random.nextBytes(bytes);
            try (Peer peer = Peer.to(server.port())) {
                peer.trySay(bytes);
                assertThat(peer.ends()).isTrue();
            }
        }
        await().untilAsserted(() -> assertThat(server.closed("frame_too_large") + server.closed("message_malformed"))
                .isEqualTo(10_000));
    }

    @Row("B14")
    @OnEveryBackend
    void anUrgentByteIsLeftOutAndNothingSpins(Backend backend) throws Exception {
        LocalServer server = serve(backend, ground -> ground.lines().reply(line -> line));
        double quiet = loopUse(server);
        Peer peer = dial(server).say("a").sayUrgent('!').say("b\n");
        assertThat(peer.line()).isEqualTo("ab");
        nothingSpins(server, quiet);
    }

    @Row("B16")
    @Test
    void noNameForgesASecondLine() throws Exception {
        LocalServer server = serve(ground -> ground.lines().reply(ReadTest::greeting));
        for (String name : List.of("a\rb", "a\0b", "a\u001b[31mb", "\uD83D\uDE00")) {
            Peer peer = dial(server).say(name + "\n").finish();
            assertThat(peer.restAsText()).isEqualTo("Hello, " + name + "!\n");
        }
        for (byte[] bad :
                Arrays.asList(new byte[] {(byte) 0xff, '\n'}, "x".repeat(10_000).getBytes(UTF_8))) {
            assertThat(restOf(dial(server), bad)).isEmpty();
        }
        Peer forger = dial(server).say("forge\n");
        assertThat(forger.restAsText()).isEmpty();
        forger.close();
        await().untilAsserted(() -> assertThat(server.closed("handler_failed")).isEqualTo(1));
        assertThat(server.log()).noneMatch(line -> line.message().matches("(?s).*[\\x00-\\x08\\x0b-\\x1f].*"));
    }

    private static String greeting(String name) {
        return name.equals("forge") ? "Hello,\nHello, you!" : "Hello, " + name + "!";
    }

    private static byte[] restOf(Peer peer, byte[] said) throws IOException {
        peer.trySay(said);
        return peer.rest();
    }
}

package io.headrace.torture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.CloseReason;
import io.headrace.Connection;
import io.headrace.DrainReport;
import io.headrace.Loops.Backend;
import io.headrace.Session;
import io.headrace.tcp.OutboundBudget;
import io.headrace.tcp.WriteMarks;
import io.headrace.tcp.WriteTimeout;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Group C: the write path and backpressure. */
class WriteTest extends Case {
    private static final int CHUNK = 64 * 1_024;
    private static final int HIGH_MARK = 64 * 1_024;

    /** Sends so many bytes, as fast as its peer takes them, and no faster. */
    static final class Stream implements Session<Object> {
        private final Connection<Object> connection;
        private final List<CloseReason> ends;
        private final AtomicLong taken;
        private long left;

        Stream(Connection<Object> connection, long bytes, AtomicLong taken, List<CloseReason> ends) {
            this.connection = connection;
            this.left = bytes;
            this.taken = taken;
            this.ends = ends;
        }

        @Override
        public void opened() {
            while (left > 0 && connection.writable()) {
                if (connection.send(new byte[CHUNK])) {
                    taken.addAndGet(CHUNK);
                    left -= CHUNK;
                }
            }
            if (left > 0) {
                connection.whenWritable(() -> {
                    if (ends.isEmpty()) {
                        opened();
                    }
                });
            } else {
                connection.close();
            }
        }

        @Override
        public void received(Object bytes) {}

        @Override
        public void closed(CloseReason reason) {
            ends.add(reason);
        }
    }

    @Row("C1")
    @OnEveryBackend
    void whoNeverReadsHoldsAMarkAndAMessageAndIsClosed(Backend backend) throws Exception {
        List<CloseReason> ends = new CopyOnWriteArrayList<>();
        AtomicLong taken = new AtomicLong();
        LocalServer server = serve(
                backend,
                ground -> ground.listen()
                        .options(o -> o.sendBufferBytes(16_384))
                        .with(WriteTimeout.after(Duration.ofSeconds(1)))
                        .sessions(connection -> new Stream(connection, 1L << 30, taken, ends)));
        closing(Peer.small(server.port(), 4_096));
        await().untilAsserted(() -> assertThat(ends).containsExactly(CloseReason.WRITE_STALLED));
        long queued = taken.get() - (long) server.own("headrace.data.sent");
        assertThat(queued).isBetween(1L, (long) HIGH_MARK + CHUNK);
    }

    @Row("C3")
    @Tag("slow")
    @Test
    @Timeout(120)
    void whoReadsAByteASecondIsClosedByTheStall() throws Exception {
        List<CloseReason> ends = new CopyOnWriteArrayList<>();
        LocalServer server = serve(ground -> ground.listen()
                .options(o -> o.sendBufferBytes(16_384))
                .with(WriteTimeout.after(Duration.ofSeconds(5)))
                .sessions(connection -> new Stream(connection, 1L << 30, new AtomicLong(), ends)));
        Peer peer = closing(Peer.small(server.port(), 4_096));
        for (int i = 0; i < 60 && ends.isEmpty(); i++) {
            peer.bytes(1);
            bystandersTalk(1_000);
        }
        assertThat(ends).containsExactly(CloseReason.WRITE_STALLED);
    }

    @Row("C2")
    @Test
    void theBudgetHoldsWhenFiveHundredDoNotRead() throws Exception {
        int peers = 500;
        int budgetBytes = 8 << 20;
        bystandersMaySlowDown(3);
        OutboundBudget budget = OutboundBudget.of(budgetBytes);
        LocalServer server = serve(ground -> ground.listen()
                .options(o -> o.sendBufferBytes(16_384))
                .with(budget)
                .sessions(connection ->
                        new Stream(connection, 1L << 30, new AtomicLong(), new CopyOnWriteArrayList<>())));
        for (int i = 0; i < peers; i++) {
            closing(Peer.small(server.port(), 4_096));
        }
        await().untilAsserted(() -> assertThat(server.closed("outbound_budget")).isPositive());
        await().untilAsserted(() -> assertThat(server.accepted()).isEqualTo(peers));
        // To within 64 KiB for each loop, and 4 KiB for each connection with a batch that is not flushed.
        await().untilAsserted(() ->
                assertThat(budget.pendingBytes()).isLessThanOrEqualTo(budgetBytes + 2L * CHUNK + 4_096L * peers));
        assertThat(server.active()).as("those that fit stay").isPositive();
    }

    /** Sends far more than may wait, and whether or not it may; tells when it ends. */
    private record Heavy(Connection<Object> connection, List<String> ends) implements Session<Object> {
        private static final int CHUNKS = 12;

        @Override
        public void opened() {
            for (int i = 0; i < CHUNKS; i++) {
                connection.send(new byte[CHUNK]);
            }
        }

        @Override
        public void received(Object bytes) {}

        @Override
        public void closed(CloseReason reason) {
            ends.add("heavy: " + reason.tag());
        }
    }

    /** Sends as much as may wait. */
    private record Light(Connection<Object> connection, List<String> ends) implements Session<Object> {
        @Override
        public void opened() {
            while (connection.writable() && connection.send(new byte[CHUNK])) {
                // Up to the high mark.
            }
        }

        @Override
        public void received(Object bytes) {}

        @Override
        public void closed(CloseReason reason) {
            ends.add("light: " + reason.tag());
        }
    }

    @Row("C2")
    @Test
    void theWorstOffendersGoFirst() throws Exception {
        bystandersMaySlowDown(3);
        List<String> ends = new CopyOnWriteArrayList<>();
        AtomicInteger came = new AtomicInteger();
        OutboundBudget budget = OutboundBudget.of(8 << 20);
        LocalServer server = serve(ground -> ground.listen()
                .options(o -> o.sendBufferBytes(16_384))
                .with(budget)
                .sessions(connection -> came.getAndIncrement() % 10 == 5 && came.get() < 30
                        ? new Heavy(connection, ends)
                        : new Light(connection, ends)));
        for (int i = 1; ends.size() < 3; i++) { // One at a time: three heavy ones make room for many.
            closing(Peer.small(server.port(), 4_096));
            double accepted = i;
            await().untilAsserted(() -> assertThat(server.accepted()).isEqualTo(accepted));
            assertThat(i).as("peers").isLessThan(500);
        }
        assertThat(ends.subList(0, 3)).containsOnly("heavy: outbound_budget");
    }

    @Row("C4")
    @OnEveryBackend
    void theWholeAnswerArrivesAlthoughTheQuestionIsNeverRead(Backend backend) throws Exception {
        String answer = "reject".repeat(10_000);
        LocalServer server =
                serve(backend, ground -> ground.listen().onConnect(connection -> connection.sendAndClose(answer)));
        byte[] question = new byte[CHUNK];
        for (int i = 0; i < 1_000; i++) {
            try (Peer peer = Peer.to(server.port())) {
                peer.trySay(question);
                assertThat(peer.rest()).hasSize(answer.length()); // Throws where it ends in a reset.
            }
        }
    }

    /** In a network of its own, where nobody else's connections are in the kernel's counters. */
    @Row({"C4", "B8"})
    @OnEveryBackend
    void theKernelHasAbortedNothing(Backend backend) throws Exception {
        Program.needNamespaces();
        ChildServer server =
                child(ChildServer.Setup.of(Servers.REJECT).on(backend).inOwnNetwork());
        long abortsBefore = server.tcpCounters().get("TCPAbortOnClose");
        assertThat(inside(server, Program.python("send_and_read.py", server.port(), 1_000, CHUNK)))
                .isEqualTo("1000 whole\n");
        assertThat(inside(server, Program.python("finish_and_read.py", server.port("answers"), 200)))
                .isEqualTo("200 whole\n");
        assertThat(server.tcpCounters().get("TCPAbortOnClose")).isEqualTo(abortsBefore);
    }

    private static String inside(ChildServer server, List<String> command) throws Exception {
        return Program.run(server.inside(command)).output();
    }

    @Row("C5")
    @OnEveryBackend
    void aResetWithAThousandMessagesQueuedEndsOnce(Backend backend) throws Exception {
        List<CloseReason> ends = new CopyOnWriteArrayList<>();
        AtomicLong taken = new AtomicLong();
        record Bursting(Connection<Object> connection, List<CloseReason> ends, AtomicLong taken)
                implements Session<Object> {
            @Override
            public void opened() {
                for (int i = 0; i < 1_000; i++) {
                    taken.addAndGet(connection.send(new byte[16_384]) ? 1 : 0);
                }
            }

            @Override
            public void received(Object bytes) {}

            @Override
            public void closed(CloseReason reason) {
                ends.add(reason);
            }
        }
        LocalServer server = serve(
                backend,
                ground -> ground.listen()
                        .with(WriteMarks.of(32_768, 65_536).cap(64 << 20))
                        .sessions(connection -> new Bursting(connection, ends, taken)));
        Peer peer = closing(Peer.small(server.port(), 4_096));
        peer.bytes(1);
        assertThat(taken).hasValue(1_000);
        peer.reset();
        await().untilAsserted(() -> assertThat(ends).containsExactly(CloseReason.PEER_RESET));
        assertThat(server.log().stream().filter(line -> !line.level().equals("INFO")))
                .hasSizeLessThanOrEqualTo(1);
    }

    @Row("C6")
    @ParameterizedTest
    @ValueSource(strings = {"close", "throw"})
    void whatWasQueuedLeavesBeforeTheEnd(String how) throws Exception {
        String answer = "x".repeat(512 * 1_024);
        LocalServer server = serve(ground -> ground.lines().handle((line, exchange) -> {
            if (line.equals("throw")) {
                throw new IllegalStateException("as asked");
            }
            exchange.reply(answer);
            if (line.equals("close")) {
                ((Connection<?>) exchange.peer()).close();
            }
        }));
        Peer peer = dial(server).say(how.equals("close") ? "close\n" : "first\nthrow\n");
        assertThat(peer.rest()).hasSize(answer.length() + 1);
    }

    @Row("C6")
    @Test
    void aForcedEndSaysHowManyBytesWereDropped() throws Exception {
        AtomicLong taken = new AtomicLong();
        List<CloseReason> ends = new CopyOnWriteArrayList<>();
        LocalServer server = serve(ground -> ground.listen()
                .options(o -> o.sendBufferBytes(16_384))
                .sessions(connection -> new Stream(connection, 1L << 30, taken, ends)));
        closing(Peer.small(server.port(), 4_096)).bytes(1);
        endsHere();
        DrainReport report = server.server().stop(Duration.ZERO).get(10, TimeUnit.SECONDS);
        assertThat(report.forced()).isEqualTo(1);
        assertThat(report.droppedBytes()).isBetween(1L, (long) HIGH_MARK + CHUNK);
    }

    @Row("C8")
    @Tag("slow")
    @Test
    void aGigabyteToOneLeavesTimeForTheOthers() throws Exception {
        bystandersMaySlowDown(3);
        AtomicLong taken = new AtomicLong();
        List<CloseReason> ends = new CopyOnWriteArrayList<>();
        LocalServer server =
                serve(ground -> ground.listen().sessions(connection -> new Stream(connection, 1L << 30, taken, ends)));
        Peer peer = dial(server);
        long read = 0;
        for (int got; (got = peer.bytes(1 << 20).length) > 0; ) {
            read += got;
        }
        assertThat(read).isEqualTo(1L << 30);
    }

    @Row("C9")
    @Tag("slow")
    @ParameterizedTest
    @ValueSource(strings = {"slow close", "bandwidth", "latency"})
    @Timeout(180)
    void noAnswerIsLostOnABadNetwork(String fault) throws Exception {
        LocalServer server = serve(ground ->
                ground.lines().with(WriteTimeout.after(Duration.ofSeconds(4))).reply(line -> "ok " + line));
        FaultProxy.Faults network = FaultProxy.to(server.port()).seed(9);
        switch (fault) {
            case "slow close" -> network.slowClose(Duration.ofSeconds(5));
            case "bandwidth" -> network.bandwidth(8_192);
            default -> network.latency(Duration.ofMillis(500), Duration.ofMillis(200));
        }
        try (FaultProxy proxy = closing(network.open());
                Peer peer = Peer.to(proxy.port())) {
            for (int i = 0; i < 2_000; i++) {
                peer.say("message " + i + "\n");
                if (i % 100 == 99) {
                    for (int k = i - 99; k <= i; k++) {
                        assertThat(peer.line()).isEqualTo("ok message " + k);
                    }
                }
            }
            assertThat(peer.finish().rest()).isEmpty();
        }
        await().untilAsserted(() -> assertThat(server.closed("peer_finished")).isEqualTo(1));
    }

    @Row("C9")
    @Test
    void aLineThatIsCutInTheMiddleOfAMessageLosesOnlyWhatWasNotAcknowledged() throws Exception {
        List<String> done = new CopyOnWriteArrayList<>();
        LocalServer server = serve(ground -> ground.lines().reply(line -> {
            done.add(line);
            return "ok " + line;
        }));
        try (FaultProxy proxy =
                        closing(FaultProxy.to(server.port()).limit(1_003).open());
                Peer peer = Peer.to(proxy.port())) {
            for (int i = 0; i < 200; i++) {
                peer.trySay(("m" + i + "\n").getBytes(UTF_8));
            }
            List<String> acknowledged = peer.restAsText().lines().toList();
            // The last line is cut off; all others are whole.
            for (String line : acknowledged.subList(0, acknowledged.size() - 1)) {
                assertThat(done).contains(line.substring("ok ".length()));
            }
            assertThat(acknowledged.size()).isGreaterThan(100);
        }
    }
}

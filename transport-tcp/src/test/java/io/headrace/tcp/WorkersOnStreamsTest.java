package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.CloseReason;
import io.headrace.Codec;
import io.headrace.Connection;
import io.headrace.Endpoint;
import io.headrace.LogCapture;
import io.headrace.Loops;
import io.headrace.Meter;
import io.headrace.Outcome;
import io.headrace.Server;
import io.headrace.Session;
import io.headrace.TestGate;
import io.headrace.Workers;
import io.headrace.stage.Deadline;
import io.headrace.stage.InFlightLimit;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Workers, limits and deadlines where the peers are real. */
class WorkersOnStreamsTest extends StreamTest {
    private final TestGate gate = new TestGate();
    private final List<String> seen = new CopyOnWriteArrayList<>();

    @AfterEach
    void openTheGate() {
        gate.open();
    }

    /** Answers each line with itself, one called "slow" when the gate opens. */
    private String slowly(String line) {
        seen.add(line);
        if (line.startsWith("slow")) {
            try {
                gate.await();
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
            }
        }
        return line;
    }

    @Test
    void repliesLeaveInArrivalOrder() throws Exception {
        Server server = start(lines().with(Workers.perMessage()).reply(this::slowly));

        StreamPeer peer = dial(server);
        peer.send("slow\nquick\nlast\n");
        await().until(() -> seen.size() == 3);
        gate.open();
        assertThat(hear(peer, 3)).containsExactly("slow", "quick", "last");
    }

    @Test
    void theLoopServesOthersWhileAHandlerBlocks() throws Exception {
        Server server = start(linesOnOneLoop().with(Workers.perConnection()).reply(this::slowly));

        StreamPeer blocked = dial(server);
        blocked.say("slow");
        await().until(() -> seen.contains("slow"));
        StreamPeer other = dial(server);
        other.say("quick");
        assertThat(other.hear()).isEqualTo("quick");
        gate.open();
        assertThat(blocked.hear()).isEqualTo("slow");
    }

    /** I6 of the torture list, for who forgot the workers. */
    @Test
    void aLoopThatAHandlerBlocksIsReportedAndOthersServe() throws Exception {
        try (LogCapture log = LogCapture.of(Loops.class)) {
            Loops watched = loops.threads(1).reportBlockedAfter(Duration.ofMillis(500));
            Server blocked = start(lines().loops(watched).reply(this::slowly));
            Server other = start(Medium.setup(medium.listening())
                    .named("other")
                    .loops(loops.threads(1))
                    .with(Framing.lines(64))
                    .codec(Codec.utf8())
                    .reply(line -> line));

            StreamPeer stuck = dial(blocked);
            stuck.say("slow");
            await().untilAsserted(() -> assertThat(log.warnings())
                    .anySatisfy(line -> assertThat(line).contains("has been blocked", "WorkersOnStreamsTest.slowly")));
            StreamPeer served = dial(other);
            served.say("quick");
            assertThat(served.hear()).isEqualTo("quick");
            gate.open();
            assertThat(stuck.hear()).isEqualTo("slow");
        }
    }

    @Test
    void whoFinishesFirstStillGetsTheAnswersOfWorkers() throws Exception {
        Server server = start(lines().with(Workers.perMessage()).reply(this::slowly));

        StreamPeer peer = dial(server);
        peer.send("slow 1\nslow 2\nslow 3\n");
        peer.finish();
        await().until(() -> seen.size() == 3);
        gate.open();
        assertThat(peer.hearAll()).isEqualTo("slow 1\nslow 2\nslow 3\n");
        awaitReasons(CloseReason.PEER_FINISHED);
    }

    @Test
    void fullWorkersCloseTheStreamThatIsRefused() throws Exception {
        Server server =
                start(lines().with(Workers.perMessage().atMost(1).queue(0)).reply(this::slowly));

        StreamPeer served = dial(server);
        served.say("slow");
        await().until(() -> seen.size() == 1);
        StreamPeer refused = dial(server);
        refused.say("quick");
        assertThat(refused.hear()).isNull();
        refused.close();
        awaitReasons(CloseReason.EXCHANGE_REFUSED);
        gate.open();
        assertThat(served.hear()).isEqualTo("slow");
        await().untilAsserted(() -> assertThat(ended(Outcome.REFUSED)).isEqualTo(1));
    }

    @Test
    void otherwiseAnswersWhatIsRefusedInItsTurn() throws Exception {
        Server server = start(lines().with(InFlightLimit.of(2))
                .with(Workers.perMessage())
                .otherwise((message, outcome) -> message + " " + outcome.tag())
                .reply(this::slowly));

        StreamPeer peer = dial(server);
        peer.send("slow\nslow\na\nb\n");
        await().untilAsserted(() -> assertThat(ended(Outcome.REFUSED)).isEqualTo(2));
        gate.open();
        assertThat(hear(peer, 4)).containsExactly("slow", "slow", "a refused", "b refused");
        peer.say("next");
        assertThat(peer.hear()).isEqualTo("next");
    }

    @Test
    void aDeadlineClosesTheStream() throws Exception {
        Server server = start(lines().with(Deadline.of(Duration.ofSeconds(2)))
                .with(Workers.perMessage())
                .reply(this::slowly));

        StreamPeer peer = dial(server);
        peer.say("slow");
        await().until(() -> seen.size() == 1);
        clock.advance(Duration.ofSeconds(3));
        assertThat(peer.hear()).isNull();
        peer.close();
        awaitReasons(CloseReason.EXCHANGE_EXPIRED);
        gate.open();
        await().untilAsserted(() -> assertThat(ended(Outcome.EXPIRED)).isEqualTo(1));
        assertThat(total(Meter.EXCHANGES_OPEN)).isZero();
    }

    @Test
    void otherwiseAnswersWhatHasExpired() throws Exception {
        Server server = start(lines().with(Deadline.of(Duration.ofSeconds(2)))
                .with(InFlightLimit.of(1))
                .with(Workers.perMessage().interrupting())
                .otherwise((message, outcome) -> message + " " + outcome.tag())
                .reply(this::slowly));

        StreamPeer peer = dial(server);
        peer.say("slow");
        await().until(() -> seen.size() == 1);
        clock.advance(Duration.ofSeconds(3));
        assertThat(peer.hear()).isEqualTo("slow expired");
        peer.say("next"); // The permit is back.
        assertThat(peer.hear()).isEqualTo("next");
    }

    @Test
    void patientWorkersStopReadingInstead() throws Exception {
        Server server =
                start(lines().with(Workers.perMessage().atMost(1).patient()).reply(this::slowly));

        StreamPeer peer = dial(server);
        peer.send("slow\n".repeat(300));
        await().until(() -> total(Meter.EXCHANGES_OPEN) == 128);
        gate.open();
        assertThat(hear(peer, 300)).containsOnly("slow");
        assertThat(ended(Outcome.REFUSED)).isZero();
    }

    @Test
    void buffersGoThroughWorkersAndBack() throws Exception {
        Server server = start(listen().with(Framing.lengthPrefixed(4, 1_024))
                .with(Workers.perConnection())
                .reply(bytes -> bytes));

        StreamPeer peer = dial(server);
        for (int i = 0; i < 200; i++) {
            byte[] frame = {0, 0, 0, 2, 'm', (byte) i};
            peer.send(frame);
        }
        for (int i = 0; i < 200; i++) {
            for (byte expected : new byte[] {0, 0, 0, 2, 'm', (byte) i}) {
                assertThat(peer.receive(1)).containsExactly(expected);
            }
        }
    }

    @Test
    void aHandlerMayReadItsBufferWhenThePeerHasLeft() throws Exception {
        CompletableFuture<String> read = new CompletableFuture<>();
        Server server = start(listen().with(Workers.perMessage()).handle((bytes, exchange) -> {
            seen.add("running");
            gate.await();
            read.complete(bytes.toString(StandardCharsets.UTF_8));
            exchange.reply(bytes);
        }));

        StreamPeer peer = dial(server);
        peer.send("hello");
        await().until(() -> seen.size() == 1);
        peer.close();
        server.stop(Duration.ZERO).get();
        gate.open();
        assertThat(get(read)).isEqualTo("hello");
    }

    @Test
    void sessionsRunOnWorkersInTheOrderOfEvents() throws Exception {
        List<String> events = new CopyOnWriteArrayList<>();
        Server server =
                start(lines().with(Workers.perConnection()).sessions(connection -> new Blocking(connection, events)));

        StreamPeer peer = dial(server);
        assertThat(peer.hear()).isEqualTo("welcome");
        peer.send("slow\nquick\n");
        peer.finish();
        await().until(() -> seen.size() == 1);
        gate.open();
        assertThat(peer.hearAll()).isEqualTo("slow\nquick\n");
        await().untilAsserted(() ->
                assertThat(events).containsExactly("opened", "slow", "quick", "peer finished", "closed PEER_FINISHED"));
        awaitReasons(CloseReason.PEER_FINISHED);
    }

    private final class Blocking implements Session<String> {
        private final Connection<String> connection;
        private final List<String> events;

        Blocking(Connection<String> connection, List<String> events) {
            this.connection = connection;
            this.events = events;
        }

        @Override
        public void opened() {
            events.add("opened");
            connection.send("welcome");
        }

        @Override
        public void received(String message) {
            connection.send(slowly(message));
            events.add(message);
        }

        @Override
        public boolean peerFinished() {
            events.add("peer finished");
            return true;
        }

        @Override
        public void closed(CloseReason reason) {
            events.add("closed " + reason);
        }
    }

    @Test
    void everyMessageEndsOnceWhateverMeetsIt() throws Exception {
        try (LogCapture onPurpose = LogCapture.of(Endpoint.class)) {
            meetEverything();
            assertThat(onPurpose.warnings()).isNotEmpty();
        }
    }

    private void meetEverything() throws Exception {
        AtomicInteger handled = new AtomicInteger();
        AtomicBoolean calm = new AtomicBoolean();
        Server server = start(listen().with(Framing.lines(1_024))
                .with(InFlightLimit.of(24).perConnection(12))
                .with(Deadline.of(Duration.ofMillis(20)))
                .with(Workers.perConnection().atMost(3).queue(12).interrupting())
                .otherwise((message, outcome) -> "no")
                .handle((message, exchange) -> {
                    int turn = handled.incrementAndGet();
                    if (turn % 7 == 0 && !calm.get()) {
                        throw new IllegalStateException("on purpose");
                    }
                    if (turn % 11 == 0 && !calm.get()) {
                        return; // Until its deadline, or the end.
                    }
                    exchange.reply(message.retainedDuplicate());
                }));

        List<StreamPeer> peers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            peers.add(dial(server));
        }
        for (int turn = 1; turn <= 7; turn++) { // One fails for certain, however little is handled of what follows.
            peers.get(1).say("m");
            assertThat(peers.get(1).hear()).isEqualTo(turn == 7 ? "no" : "m");
        }
        for (int round = 0; round < 20; round++) {
            for (StreamPeer peer : peers) {
                peer.send("m\n".repeat(5));
            }
            clock.advance(Duration.ofMillis(5));
        }
        peers.get(0).close(); // Some are left behind.
        for (StreamPeer peer : peers.subList(1, 8)) {
            for (int answers = 0; answers < 100; answers++) {
                clock.advance(Duration.ofMillis(30));
                assertThat(peer.hear()).isIn("m", "no");
            }
        }
        await().until(() -> total(Meter.EXCHANGES_OPEN) == 0);
        double ends = IntStream.range(0, Outcome.values().length)
                .mapToDouble(i -> ended(Outcome.values()[i]))
                .sum();
        assertThat(ends).isBetween(707.0, 807.0); // All of seven peers; of the one that left, what had come.
        calm.set(true);
        StreamPeer last = dial(server);
        await().untilAsserted(
                        () -> { // Every permit comes back; a worker's place when it has reached what is over.
                            last.send("m\n".repeat(12));
                            assertThat(hear(last, 12)).containsOnly("m");
                        });
    }
}

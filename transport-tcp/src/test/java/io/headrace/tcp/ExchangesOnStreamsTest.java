package io.headrace.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headrace.CloseReason;
import io.headrace.Codec;
import io.headrace.Endpoint;
import io.headrace.Exchange;
import io.headrace.LogCapture;
import io.headrace.Meter;
import io.headrace.Outcome;
import io.headrace.Server;
import io.headrace.Slot;
import io.headrace.Stage;
import io.headrace.stage.RateLimit;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Messages and answers on one stream: their order, their number, and what ends them. */
class ExchangesOnStreamsTest extends StreamTest {

    private static List<String> numbered(String prefix, int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> prefix + i).toList();
    }

    @Test
    void whatIsOverTheRateIsRefusedUntilTimeHasPassed() throws Exception {
        Server server = start(lines().with(RateLimit.of(2, Duration.ofSeconds(10)))
                .otherwise((message, outcome) -> outcome.tag())
                .reply(message -> message));

        StreamPeer peer = dial(server);
        peer.send("a\nb\nc\n");
        assertThat(hear(peer, 3)).containsExactly("a", "b", "refused");
        clock.advance(Duration.ofSeconds(5));
        peer.say("d");
        assertThat(peer.hear()).isEqualTo("d");
        assertThat(ended(Outcome.REFUSED)).isEqualTo(1);
    }

    @Test
    void answersKeepTheOrderOfTheirMessages() throws Exception {
        Map<String, CompletableFuture<String>> answers = new ConcurrentHashMap<>();
        Server server =
                start(lines().replyAsync(message -> answers.computeIfAbsent(message, m -> new CompletableFuture<>())));

        StreamPeer peer = dial(server);
        peer.send("1\n2\n3\n4\n");
        await().until(() -> answers.size() == 4);
        for (String message : List.of("3", "4", "2", "1")) {
            answers.get(message).complete("answer " + message);
        }
        assertThat(hear(peer, 4)).containsExactly("answer 1", "answer 2", "answer 3", "answer 4");
    }

    @Test
    void readingStopsAt128OpenExchanges() throws Exception {
        List<Exchange<String>> held = new CopyOnWriteArrayList<>();
        Server server = start(linesOnOneLoop().handle((message, exchange) -> {
            if (message.equals("ping")) {
                exchange.reply("pong");
            } else {
                held.add(exchange);
            }
        }));

        StreamPeer bystander = dial(server);
        StreamPeer peer = dial(server);
        peer.send("question\n".repeat(300));
        await().until(() -> held.size() == 128);
        ping(bystander);
        assertThat(held).hasSize(128);

        answer(held, 0, 63);
        ping(bystander);
        assertThat(held).hasSize(128); // Only when half of them have ended.
        answer(held, 63, 64);
        await().until(() -> held.size() == 192);
        ping(bystander);
        assertThat(held).hasSize(192);

        for (int answered = 64; answered < 300; answered++) {
            int next = answered;
            await().until(() -> held.size() > next);
            answer(held, answered, answered + 1);
        }
        assertThat(hear(peer, 300)).isEqualTo(numbered("answer ", 0, 300));
    }

    private static void answer(List<Exchange<String>> held, int from, int to) {
        for (int i = from; i < to; i++) {
            held.get(i).reply("answer " + i);
        }
    }

    private static void ping(StreamPeer bystander) throws IOException {
        for (int i = 0; i < 3; i++) {
            bystander.say("ping");
            assertThat(bystander.hear()).isEqualTo("pong");
        }
    }

    @Test
    void whoFinishesFirstStillGetsItsAnswers() throws Exception {
        CompletableFuture<Void> finSeen = new CompletableFuture<>();
        CompletableFuture<Void> go = new CompletableFuture<>();
        Server server = start(lines().with(Stage.netty(Slot.WIRE, "fin", () -> new OnFinish(finSeen)))
                .replyAsync(message -> go.thenApply(now -> "answer " + message)));

        StreamPeer peer = dial(server);
        peer.send("1\n2\n3\n");
        peer.finish();
        get(finSeen);
        go.completeAsync(() -> null);
        assertThat(peer.hearAll()).isEqualTo("answer 1\nanswer 2\nanswer 3\n");
        awaitReasons(CloseReason.PEER_FINISHED);
    }

    private static final class OnFinish extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<Void> seen;

        OnFinish(CompletableFuture<Void> seen) {
            this.seen = seen;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
            super.userEventTriggered(ctx, event);
            if (event == ChannelInputShutdownEvent.INSTANCE) {
                seen.complete(null);
            }
        }
    }

    @Test
    void whoFinishesWhileReadingIsHeldGetsEveryAnswer() throws Exception {
        List<Exchange<String>> held = new CopyOnWriteArrayList<>();
        Server server = start(lines().handle((message, exchange) -> held.add(exchange)));

        StreamPeer peer = dial(server);
        peer.send("question\n".repeat(500));
        peer.finish();
        for (int answered = 0; answered < 500; answered++) {
            int next = answered;
            await().until(() -> held.size() > next);
            answer(held, answered, answered + 1);
        }
        assertThat(peer.hearAll()).isEqualTo(String.join("\n", numbered("answer ", 0, 500)) + "\n");
        awaitReasons(CloseReason.PEER_FINISHED);
    }

    @Test
    void whoFinishesFirstGetsALargeAnswerWhole() throws Exception {
        CompletableFuture<Void> finSeen = new CompletableFuture<>();
        Server server = start(listen().with(Stage.netty(Slot.WIRE, "fin", () -> new OnFinish(finSeen)))
                .replyAsync(bytes -> finSeen.thenApplyAsync(fin -> new byte[4 * 1_024 * 1_024])));

        StreamPeer peer = dial(server);
        peer.send("all of it, please");
        peer.finish();
        get(finSeen);
        assertThat(peer.receiveAll()).hasSize(4 * 1_024 * 1_024);
        awaitReasons(CloseReason.PEER_FINISHED);
    }

    @Test
    void halfAFrameAtTheEndIsDropped() throws Exception {
        List<String> handled = new CopyOnWriteArrayList<>();
        Server server = start(lines().reply(message -> {
            handled.add(message);
            return message;
        }));

        StreamPeer peer = dial(server);
        peer.send("whole\nhal");
        peer.finish();
        assertThat(peer.hearAll()).isEqualTo("whole\n");
        assertThat(handled).containsExactly("whole");
        awaitReasons(CloseReason.PEER_FINISHED);
    }

    @Test
    void anEmptyPeerIsNoTrouble() throws Exception {
        Server server = start(lines().reply(message -> message));

        StreamPeer peer = dial(server);
        peer.finish();
        assertThat(peer.hearAll()).isEmpty();
        awaitReasons(CloseReason.PEER_FINISHED);
        dial(server).close();
        awaitReasons(CloseReason.PEER_FINISHED, CloseReason.PEER_FINISHED);
        assertThat(total(Meter.CONNECTIONS_ACCEPTED)).isEqualTo(2);
        assertThat(total(Meter.CONNECTIONS_ACTIVE)).isZero();
    }

    @Test
    void aThrowingHandlerClosesItsConnectionAfterWhatWasAnswered() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            List<String> handled = new CopyOnWriteArrayList<>();
            Server server = start(lines().reply(message -> {
                handled.add(message);
                if (message.equals("boom")) {
                    throw new IllegalStateException("thrown on purpose");
                }
                return "answer " + message;
            }));

            StreamPeer peer = dial(server);
            peer.send("1\n2\nboom\n3\n");
            assertThat(peer.hearAll()).isEqualTo("answer 1\nanswer 2\n");
            peer.close();
            awaitReasons(CloseReason.HANDLER_FAILED);
            assertThat(handled).containsExactly("1", "2", "boom");
            assertThat(ended(Outcome.FAILED)).isEqualTo(1);
            assertThat(log.warnings()).hasSize(1);
        }
    }

    @Test
    void aFailedExchangeLeavesAfterTheAnswersBeforeIt() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            List<Exchange<String>> held = new CopyOnWriteArrayList<>();
            Server server = start(lines().handle((message, exchange) -> held.add(exchange)));

            StreamPeer peer = dial(server);
            peer.send("1\n2\n3\n");
            await().until(() -> held.size() == 3);
            held.get(2).reply("answer 3");
            held.get(1).fail(new IllegalStateException("thrown on purpose"));
            held.get(0).reply("answer 1");
            assertThat(peer.hearAll()).isEqualTo("answer 1\n");
            peer.close();
            awaitReasons(CloseReason.HANDLER_FAILED);
            assertThat(log.warnings()).hasSize(1);
        }
    }

    @Test
    void aMalformedMessageClosesItsConnectionAfterWhatWasAnswered() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            List<Exchange<String>> held = new CopyOnWriteArrayList<>();
            Server server = start(lines().handle((message, exchange) -> held.add(exchange)));

            StreamPeer peer = dial(server);
            peer.send("1\n2\n");
            peer.say(new byte[] {(byte) 0xFF});
            peer.send("3\n");
            await().until(() -> !log.warnings().isEmpty());
            held.get(1).reply("answer 2");
            held.get(0).reply("answer 1");
            assertThat(peer.hearAll()).isEqualTo("answer 1\nanswer 2\n");
            peer.close();
            awaitReasons(CloseReason.MESSAGE_MALFORMED);
            assertThat(held).hasSize(2);
            assertThat(log.warnings().get(0)).contains("message_malformed").contains("malformed UTF-8");
        }
    }

    @Test
    void aFrameTooLargeEndsOnlyItsOwnConnectionAndWhatWasAnsweredLeaves() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            Server server = start(lines().reply(message -> "answer " + message));

            StreamPeer bystander = dial(server);
            StreamPeer peer = dial(server);
            peer.send("1\n2\n" + "x".repeat(1_025));
            assertThat(peer.hearAll()).isEqualTo("answer 1\nanswer 2\n");
            peer.close();
            await().untilAsserted(() ->
                    assertThat(closed(CloseReason.FRAME_TOO_LARGE)).isEqualTo(1));
            bystander.say("x".repeat(1_024));
            assertThat(bystander.hear()).isEqualTo("answer " + "x".repeat(1_024));
            assertThat(log.warnings()).hasSize(1);
            assertThat(log.warnings().get(0))
                    .contains("frame_too_large")
                    .contains("frame: 1025 bytes (expected: <= 1024)");
        }
    }

    @Test
    void whoGoesOnSendingAfterAViolationIsCutOff() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            Server server = start(lines().reply(message -> message));

            StreamPeer peer = dial(server);
            byte[] garbage = "x".repeat(64 * 1_024).getBytes(StandardCharsets.UTF_8);
            long sent = 0;
            try {
                for (; sent < 64 * 1_024 * 1_024; sent += garbage.length) {
                    peer.send(garbage);
                }
            } catch (IOException cutOff) {
                // As it should.
            }
            assertThat(sent).isLessThan(64 * 1_024 * 1_024);
            awaitReasons(CloseReason.FRAME_TOO_LARGE);
            assertThat(lives.get(0).received()).isLessThan(2 * 1_024 * 1_024); // 256 KiB, and one batch of reads.
            assertThat(log.warnings()).hasSize(1);
        }
    }

    @Test
    void aResetAbandonsWhatIsOpen() throws Exception {
        Assumptions.assumeTrue(medium.resets());
        List<Exchange<String>> held = new CopyOnWriteArrayList<>();
        Server server = start(lines().handle((message, exchange) -> held.add(exchange)));

        StreamPeer peer = dial(server);
        peer.send("1\n2\n");
        await().until(() -> held.size() == 2);
        peer.reset();
        awaitReasons(CloseReason.PEER_RESET);
        await().untilAsserted(() -> assertThat(ended(Outcome.ABANDONED)).isEqualTo(2));
        assertThat(held).allSatisfy(exchange -> assertThat(exchange.outcome()).isEqualTo(Outcome.ABANDONED));
        assertThat(held.get(0).reply("too late")).isFalse();
        assertThat(total(Meter.EXCHANGES_OPEN)).isZero();
    }

    @Test
    void anAnswerWithALineBreakInALineFails() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            Server server = start(lines().reply(message -> message + "\nforged"));

            StreamPeer peer = dial(server);
            peer.say("x");
            assertThat(peer.hearAll()).isEmpty();
            peer.close();
            awaitReasons(CloseReason.HANDLER_FAILED);
            assertThat(log.warnings()).hasSize(1);
        }
    }

    @Test
    void largeMessagesGoBothWaysWhole() throws Exception {
        Server server = start(listen().with(Framing.lengthPrefixed(4, 300_000))
                .codec(Codec.bytes())
                .reply(bytes -> bytes));

        StreamPeer peer = dial(server);
        for (int size : new int[] {0, 1, 4_095, 4_096, 4_097, 65_535, 65_536, 65_537, 300_000}) {
            byte[] message = new byte[4 + size];
            for (int i = 0; i < size; i++) {
                message[4 + i] = (byte) (i * 31);
            }
            ByteBuffer.wrap(message).putInt(size);
            Thread sender = new Thread(() -> {
                try {
                    peer.send(message);
                } catch (IOException broken) {
                    throw new UncheckedIOException(broken);
                }
            });
            sender.start();
            byte[] answer = receive(peer, message.length);
            sender.join();
            assertThat(answer).isEqualTo(message);
        }
    }

    private static byte[] receive(StreamPeer peer, int size) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(size);
        while (all.hasRemaining()) {
            all.put(peer.receive(all.remaining()));
        }
        return all.array();
    }

    @Test
    void connectionsAreCountedOnceAndForOneReason() throws Exception {
        try (LogCapture log = LogCapture.of(Endpoint.class)) {
            Server server = start(lines().reply(message -> {
                if (message.equals("boom")) {
                    throw new IllegalStateException("thrown on purpose");
                }
                return message;
            }));
            List<StreamPeer> open = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                StreamPeer peer = dial(server);
                switch (i % 5) {
                    case 0 -> peer.close();
                    case 1 -> {
                        peer.send("boom\n");
                        peer.hearAll();
                        peer.close();
                    }
                    case 2 -> {
                        peer.send("x".repeat(2_000));
                        peer.hearAll();
                        peer.close();
                    }
                    case 3 -> {
                        peer.send("hello\n");
                        peer.finish();
                        peer.hearAll();
                        peer.close();
                    }
                    default -> open.add(peer);
                }
            }
            await().untilAsserted(() -> {
                assertThat(total(Meter.CONNECTIONS_ACCEPTED)).isEqualTo(30);
                assertThat(total(Meter.CONNECTIONS_ACTIVE)).isEqualTo(6);
            });
            assertThat(total(Meter.CONNECTIONS_CLOSED)).isEqualTo(24);
            assertThat(closed(CloseReason.PEER_FINISHED)).isEqualTo(12);
            assertThat(closed(CloseReason.HANDLER_FAILED)).isEqualTo(6);
            assertThat(closed(CloseReason.FRAME_TOO_LARGE)).isEqualTo(6);
            for (StreamPeer peer : open) {
                peer.say("still here");
                assertThat(peer.hear()).isEqualTo("still here");
            }
            assertThat(log.warnings()).hasSize(2); // One for each kind of trouble.
        }
    }
}

package io.headrace.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headrace.Client;
import io.headrace.Clock;
import io.headrace.Codec;
import io.headrace.Loops.Backend;
import io.headrace.ManualClock;
import io.headrace.Slot;
import io.headrace.Stage;
import io.headrace.stage.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** A client whose questions, or their answers, get lost on the way. */
class QuestionsTest {
    private final ManualClock clock = Clock.manual();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Queue<String> unasked = new ConcurrentLinkedQueue<>();

    /** Questions and answers begin with a number. */
    private UdpClientSetup<String, String> numbered(Caller peer, Backend backend) {
        return texts(peer, backend).correlate(QuestionsTest::number, QuestionsTest::number);
    }

    private UdpClientSetup<String, String> texts(Caller peer, Backend backend) {
        return Udp.connect(peer.address())
                .loops(On.loops(backend).clock(clock))
                .with(Metrics.to(registry))
                .codec(Codec.utf8())
                .consume(unasked::add);
    }

    private static String number(String text) {
        return text.split(" ")[0];
    }

    private double count(String meter) {
        return registry.get(meter).functionCounter().count();
    }

    private static String result(CompletionStage<String> answer) throws Exception {
        return answer.toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @OnEachBackend
    void answersFindTheirQuestionsInAnyOrder(Backend backend) throws Exception {
        try (Caller peer = Caller.listening();
                Client<String, String> client = numbered(peer, backend).start()) {
            CompletionStage<String> one = client.ask("1 a");
            CompletionStage<String> two = client.ask("2 b");
            peer.receive();
            peer.receive();
            peer.send("2 B").send("1 A");
            assertThat(result(one)).isEqualTo("1 A");
            assertThat(result(two)).isEqualTo("2 B");
        }
    }

    @OnEachBackend
    void anAnswerToNoOpenQuestionIsConsumed(Backend backend) throws Exception {
        try (Caller peer = Caller.listening();
                Client<String, String> client = numbered(peer, backend).start()) {
            CompletionStage<String> one = client.ask("1 a");
            peer.receive();
            peer.send("7 late").send("1 A").send("1 again");
            assertThat(result(one)).isEqualTo("1 A");
            await().until(() -> List.copyOf(unasked).equals(List.of("7 late", "1 again")));
        }
    }

    @OnEachBackend
    void aQuestionIsRepeatedOnItsSchedule(Backend backend) throws Exception {
        try (Caller peer = Caller.listening();
                Client<String, String> client = numbered(peer, backend)
                        .options(o -> o.repeatAfter(Duration.ofMillis(200), Duration.ofMillis(400)))
                        .start()) {
            CompletionStage<String> answer = client.ask("1 a");
            assertThat(peer.receive()).isEqualTo("1 a");
            clock.advance(Duration.ofMillis(180));
            assertThat(peer.heardNothing()).isTrue();
            clock.advance(Duration.ofMillis(40));
            assertThat(peer.receive()).isEqualTo("1 a");
            clock.advance(Duration.ofMillis(360));
            assertThat(peer.heardNothing()).isTrue();
            clock.advance(Duration.ofMillis(60));
            assertThat(peer.receive()).isEqualTo("1 a");
            clock.advance(Duration.ofMillis(2_000));
            assertThat(peer.heardNothing()).isTrue();
            peer.send("1 A");
            assertThat(result(answer)).isEqualTo("1 A");
            assertThat(count("headrace.questions.repeated")).isEqualTo(2);
            assertThat(count("headrace.questions.lost")).isZero();
        }
    }

    @OnEachBackend
    void theTimeThatTheProcessWasStoppedIsNotTheAnswers(Backend backend) throws Exception {
        try (Caller peer = Caller.listening();
                Client<String, String> client = numbered(peer, backend)
                        .options(o -> o.answerTimeout(Duration.ofSeconds(5)))
                        .start()) {
            CompletionStage<String> answer = client.ask("1 a");
            assertThat(peer.receive()).isEqualTo("1 a");
            clock.advance(Duration.ofSeconds(3));
            clock.pause(Duration.ofMinutes(10));
            clock.advance(Duration.ofSeconds(1));
            peer.send("1 A");
            assertThat(result(answer)).isEqualTo("1 A");
        }
    }

    @OnEachBackend
    void whatWasLostIsSaidAndCounted(Backend backend) throws Exception {
        try (Caller peer = Caller.listening();
                Client<String, String> client = numbered(peer, backend)
                        .options(o -> o.repeatAfter(Duration.ofSeconds(1)))
                        .start()) {
            CompletionStage<String> answer = client.ask("1 a");
            peer.receive();
            clock.advance(Duration.ofMillis(5_500));
            assertThatThrownBy(() -> result(answer))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(TimeoutException.class)
                    .hasMessageContaining("no answer from 127.0.0.1:" + peer.port() + " within 5000 ms, asked 2 times");
            assertThat(count("headrace.questions.lost")).isEqualTo(1);
        }
    }

    @OnEachBackend
    void aRepeatedQuestionOutlivesAPeerThatIsNotThereYet(Backend backend) throws Exception {
        InetSocketAddress place;
        try (Caller nobody = Caller.listening()) {
            place = nobody.address();
        }
        try (Client<String, String> client = Udp.connect(place)
                .loops(On.loops(backend).clock(clock))
                .codec(Codec.utf8())
                .options(o -> o.repeatAfter(Duration.ofSeconds(1), Duration.ofSeconds(1)))
                .start()) {
            CompletionStage<String> answer = client.ask("a");
            try (Caller peer = Caller.on(place)) {
                clock.advance(Duration.ofMillis(1_100));
                clock.advance(Duration.ofMillis(1_100));
                peer.receive();
                peer.send("A");
                assertThat(result(answer)).isEqualTo("A");
            }
        }
    }

    @OnEachBackend
    void aBadQuestionFailsItselfOnly(Backend backend) throws Exception {
        try (Caller peer = Caller.listening();
                Client<String, String> client = numbered(peer, backend).start()) {
            CompletionStage<String> good = client.ask("1 a");
            CompletionStage<String> tooLong = client.ask("2 " + "b".repeat(65_507));
            assertThatThrownBy(() -> result(tooLong))
                    .hasMessageContaining(
                            "to 127.0.0.1:%d: the question was dropped: reply_oversize".formatted(peer.port()));
            peer.receive();
            peer.send("1 A");
            assertThat(result(good)).isEqualTo("1 A");
        }
    }

    /** Refuses to let anything go by that says so. */
    private static final class Refusing extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            if (message instanceof ByteBuf bytes
                    && bytes.toString(StandardCharsets.UTF_8).endsWith("refuse me")) {
                bytes.release();
                promise.setFailure(new IOException("as the test wants"));
            } else {
                ctx.write(message, promise);
            }
        }
    }

    @OnEachBackend
    void aQuestionThatIsNotSentFailsItselfOnly(Backend backend) throws Exception {
        try (Caller peer = Caller.listening();
                Client<String, String> client = numbered(peer, backend)
                        .with(Stage.netty(Slot.WIRE, "refusing", Refusing::new))
                        .start()) {
            CompletionStage<String> good = client.ask("1 a");
            CompletionStage<String> bad = client.ask("2 refuse me");
            assertThatThrownBy(() -> result(bad))
                    .hasMessageContaining("to 127.0.0.1:%d: as the test wants".formatted(peer.port()));
            peer.receive();
            peer.send("1 A");
            assertThat(result(good)).isEqualTo("1 A");
        }
    }

    /** The JDK cannot send an empty datagram on a connected socket. */
    @Test
    void aSendThatFailsIsNoQuestionsFault() throws Exception {
        try (Caller peer = Caller.listening();
                Client<String, String> client = numbered(peer, Backend.NIO).start()) {
            CompletionStage<String> good = client.ask("1 a");
            client.send("");
            assertThatThrownBy(() -> result(client.ask(""))).hasMessageContaining("datagram not sent");
            peer.receive();
            peer.send("1 A");
            assertThat(result(good)).isEqualTo("1 A");
        }
    }

    @OnEachBackend
    void anOldFailureIsNotTheCauseOfANewTimeout(Backend backend) throws Exception {
        InetSocketAddress place;
        try (Caller nobody = Caller.listening()) {
            place = nobody.address();
        }
        try (Client<String, String> client = Udp.connect(place)
                .loops(On.loops(backend).clock(clock))
                .codec(Codec.utf8())
                .start()) {
            assertThatThrownBy(() -> result(client.ask("refused"))).hasCauseInstanceOf(PortUnreachableException.class);
            try (Caller peer = Caller.on(place)) {
                CompletionStage<String> answer = client.ask("a");
                peer.receive();
                peer.send("A");
                assertThat(result(answer)).isEqualTo("A");
                CompletionStage<String> lost = client.ask("silence");
                peer.receive();
                clock.advance(Duration.ofMillis(5_500));
                assertThatThrownBy(() -> result(lost))
                        .cause()
                        .isInstanceOf(TimeoutException.class)
                        .hasNoCause();
            }
        }
    }

    @OnEachBackend
    void twoQuestionsMayNotLookTheSame(Backend backend) throws Exception {
        try (Caller peer = Caller.listening();
                Client<String, String> client = numbered(peer, backend).start()) {
            client.ask("1 a");
            CompletableFuture<String> same = client.ask("1 b").toCompletableFuture();
            assertThatThrownBy(() -> result(same)).hasMessageContaining("a question with the key 1 is open");
        }
    }

    @OnEachBackend
    void openQuestionsAreBounded(Backend backend) throws Exception {
        try (Caller peer = Caller.listening();
                Client<String, String> client = numbered(peer, backend).start()) {
            for (int i = 0; i < 1_024; i++) {
                client.ask(Integer.toString(i));
            }
            assertThatThrownBy(() -> result(client.ask("one more"))).hasMessageContaining("1024 questions");
        }
    }

    @OnEachBackend
    void whoAskedMayGiveUp(Backend backend) throws Exception {
        try (Caller peer = Caller.listening();
                Client<String, String> client = texts(peer, backend).start()) {
            client.ask("first").toCompletableFuture().cancel(false);
            clock.advance(Duration.ofSeconds(1));
            CompletionStage<String> second = client.ask("second");
            peer.receive();
            peer.receive();
            peer.send("here");
            assertThat(result(second)).isEqualTo("here");
        }
    }

    @Test
    void aWaitOfNothingIsAProblem() {
        assertThatThrownBy(() -> Udp.connect("127.0.0.1", 9)
                        .options(o -> o.repeatAfter(Duration.ZERO))
                        .start())
                .hasMessageContaining("repeatAfter: PT0S");
    }
}

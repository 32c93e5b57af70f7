package io.headrace;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AdaptersTest {
    private final TestLoop loop = new TestLoop();
    private final Owner owner = new Owner();
    private OpenLoop open;
    private OrderedExchanges<Object> exchanges;

    @AfterEach
    void stopLoop() {
        loop.close();
    }

    private void serve(Application<?, ?> application) {
        open = loop.open(application, null);
        exchanges = new OrderedExchanges<>(open, null, owner);
    }

    private void receive(Object message) {
        loop.run(() -> exchanges.received(message));
    }

    // ---- reply and consume

    @Test
    void replyAnswersWithWhatTheFunctionGives() {
        serve(Adapters.<String, Object>reply(name -> "Hello, " + name));
        receive("Ada");
        assertThat(owner.sent).containsExactly("Hello, Ada");
    }

    @Test
    void replyMayGiveTheBufferBack() {
        serve(Adapters.<ByteBuf, Object>reply(bytes -> bytes));
        ByteBuf message = Buffers.of("echo");
        receive(message);
        assertThat(owner.sent).containsExactly("echo");
        assertThat(message.refCnt()).isZero();
    }

    @Test
    void aReplyThatThrowsFails() {
        serve(Adapters.<String, Object>reply(name -> {
            throw new IllegalStateException("on purpose");
        }));
        receive("Ada");
        assertThat(owner.unanswered).containsExactly(Outcome.FAILED);
    }

    @Test
    void consumeSendsNothing() {
        List<String> seen = new ArrayList<>();
        serve(Adapters.<String, Object>consume(seen::add));
        receive("Ada");
        assertThat(seen).containsExactly("Ada");
        assertThat(owner.sent).isEmpty();
        assertThat(owner.settled).isEqualTo(1);
    }

    @Test
    void replyAndConsumeHoldNoExchange() {
        serve(Adapters.<String, Object>reply(name -> name));
        assertThat(open.handlerHoldsExchange()).isFalse();
        serve(Adapters.<String, Object>consume(name -> {}));
        assertThat(open.handlerHoldsExchange()).isFalse();
    }

    // ---- replyAsync

    private final CompletableFuture<Object> answer = new CompletableFuture<>();

    private void serveAsync() {
        serve(Adapters.<Object, Object>replyAsync(message -> answer));
    }

    @Test
    void replyAsyncAnswersWhenTheStageCompletes() {
        serveAsync();
        receive("Ada");
        assertThat(owner.sent).isEmpty();
        loop.run(() -> answer.complete("Hello"));
        assertThat(owner.sent).containsExactly("Hello");
    }

    @Test
    void replyAsyncHoldsItsExchange() {
        serveAsync();
        assertThat(open.handlerHoldsExchange()).isTrue();
    }

    @Test
    void aStageThatFailsFailsTheExchange() {
        serveAsync();
        receive("Ada");
        loop.run(() -> answer.completeExceptionally(new IllegalStateException("on purpose")));
        assertThat(owner.unanswered).containsExactly(Outcome.FAILED);
    }

    @Test
    void theBufferStaysReadableUntilTheStageCompletes() {
        serveAsync();
        ByteBuf message = Buffers.of("question");
        receive(message);
        loop.run(exchanges::abandon);
        assertThat(message.toString(StandardCharsets.UTF_8)).isEqualTo("question");
        answer.complete("too late");
        assertThat(message.refCnt()).isZero();
    }

    @Test
    void theBufferItselfMayBeTheLaterAnswer() {
        serveAsync();
        ByteBuf message = Buffers.of("echo");
        receive(message);
        loop.run(() -> answer.complete(message));
        assertThat(owner.sent).containsExactly("echo");
        assertThat(message.refCnt()).isZero();
    }

    @Test
    void theBufferItselfMayBeAnAnswerThatComesTooLate() {
        serveAsync();
        ByteBuf message = Buffers.of("echo");
        receive(message);
        loop.run(exchanges::abandon);
        answer.complete(message);
        assertThat(message.refCnt()).isZero();
    }

    @Test
    void aFunctionThatThrowsReleasesTheBuffer() {
        serve(Adapters.<Object, Object>replyAsync(message -> {
            throw new IllegalStateException("on purpose");
        }));
        ByteBuf message = Buffers.of("question");
        receive(message);
        assertThat(message.refCnt()).isZero();
        assertThat(owner.unanswered).containsExactly(Outcome.FAILED);
    }

    @Test
    void aFunctionThatGivesNoStageReleasesTheBuffer() {
        serve(Adapters.<Object, Object>replyAsync(message -> null));
        ByteBuf message = Buffers.of("question");
        receive(message);
        assertThat(message.refCnt()).isZero();
        assertThat(owner.faults)
                .singleElement()
                .satisfies(fault -> assertThat(fault).hasMessage("replyAsync: null (expected: a CompletionStage)"));
    }

    // ---- connections

    @Test
    void onConnectDoesNotListen() {
        assertThat(Adapters.onConnect(connection -> {}).listens()).isFalse();
    }

    @Test
    void onConnectHandsTheConnectionToTheConsumer() throws Exception {
        FakeConnection connection = new FakeConnection();
        List<Object> seen = new ArrayList<>();
        Application<Object, Object> application = Adapters.onConnect(seen::add);
        application.session(connection).opened();
        assertThat(seen).containsExactly(connection);
    }

    @Test
    void onConnectOutlivesAPeerThatHasNoMoreToSay() {
        Application<Object, Object> application = Adapters.onConnect(connection -> {});
        assertThat(application.session(new FakeConnection()).peerFinished()).isFalse();
    }

    @Test
    void messagesOfAConnectionGoToItsSession() {
        List<String> seen = new ArrayList<>();
        FakeConnection connection = new FakeConnection();
        Application<String, Object> application = Adapters.sessions(mine -> new Session<String>() {
            @Override
            public void received(String message) {
                seen.add(message);
            }
        });
        open = loop.open(application, null);
        connection.open(application, open, owner);
        loop.run(() -> connection.exchanges().received("a"));
        assertThat(seen).containsExactly("a");
        assertThat(owner.settled).isEqualTo(1);
    }

    @Test
    void aSessionThatThrowsFailsTheExchange() {
        FakeConnection connection = new FakeConnection();
        Application<String, Object> application = Adapters.sessions(mine -> message -> {
            throw new IllegalStateException("on purpose");
        });
        open = loop.open(application, null);
        connection.open(application, open, owner);
        loop.run(() -> connection.exchanges().received("a"));
        assertThat(owner.unanswered).containsExactly(Outcome.FAILED);
    }

    @Test
    void anEndpointWithoutSessionsHasNone() {
        assertThat(Adapters.reply(message -> message).session(new FakeConnection()))
                .isNull();
    }
}
